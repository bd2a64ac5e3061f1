package import MailModel

/// A public list of addresses or domains that is asked by DNS (RFC 5782): where it is, what its answers mean, and what its owner asks of
/// those who ask it.
package struct Blocklist: Hashable, Sendable {
    package enum Subject: String, Hashable, Sendable, Codable, CaseIterable {
        case address, domain
    }

    /// What an answer means.
    package enum Meaning: String, Hashable, Sendable, Codable, CaseIterable {
        case listed
        /// The list does not answer us: by way of a public resolver, too often, or without being registered there. Nothing is known.
        case refused
        /// On the list, as something that receivers do not refuse mail for.
        case noted
    }

    /// Answers from `first` through `last`.
    package struct Code: Hashable, Sendable {
        package var first: UInt32
        package var last: UInt32
        package var meaning: Meaning
        /// A few words: what the address is on the list as.
        package var text: String
    }

    /// Unique: `spamhaus-zen`.
    package var name: String
    package var zone: DomainName
    package var subject: Subject
    /// False where addresses of version 6 are not asked for. Of no meaning for domains.
    package var takesIPv6 = false
    package var codes: [Code]
    /// The name below the zone that is always listed, by which it is seen whether the list answers us at all; `2.0.0.127` for addresses.
    package var testName: String
    /// A listing moves mail away from the address, where it has another way.
    package var moves = true
    package var isOn = true
    /// What its owner asks of those who ask it, in a sentence or two.
    package var terms: String
    /// Where a listing is looked up, and taken off.
    package var page: String
    /// What to do about a listing there, in order.
    package var steps: [String]

    package init(
        name: String, zone: DomainName, subject: Subject, codes: [Code], testName: String = "2.0.0.127", terms: String, page: String,
        steps: [String]
    ) {
        self.name = name
        self.zone = zone
        self.subject = subject
        self.codes = codes
        self.testName = testName
        self.terms = terms
        self.page = page
        self.steps = steps
    }

    /// What is asked for an address; nil where the list has none of its kind.
    package func question(_ address: IPAddress) -> DomainName? {
        guard subject == .address, takesIPv6 || !address.isV6 else { return nil }
        return DomainName("\(address.reversedLabels).\(zone)")
    }

    package func question(_ domain: DomainName) -> DomainName? {
        subject == .domain ? DomainName("\(domain).\(zone)") : nil
    }

    /// It answers this one as listed wherever it serves us.
    package var presentQuestion: DomainName? { DomainName("\(testName).\(zone)") }

    /// What is never on a list (RFC 5782 §5): one that has it lists everything, as a zone does that somebody else took over.
    package var absentQuestion: DomainName? { DomainName(subject == .address ? "1.0.0.127.\(zone)" : "invalid.\(zone)") }
}

extension Blocklist.Code {
    /// Reads `127.0.0.2` or `127.0.0.4-7`; nil for anything else.
    package init?(_ range: String, _ meaning: Blocklist.Meaning, _ text: String) {
        let parts = range.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), case .v4(let first)? = IPAddress(parts[0]) else { return nil }
        var last = first
        if parts.count == 2 {
            guard let octet = UInt8(parts[1]), UInt32(octet) >= first & 0xFF else { return nil }
            last = first & 0xFFFF_FF00 | UInt32(octet)
        }
        self.init(first: first, last: last, meaning: meaning, text: text)
    }

    package var range: String {
        let address = IPAddress.v4(first)
        return first == last ? "\(address)" : "\(address)-\(last & 0xFF)"
    }
}
