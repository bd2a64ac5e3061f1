package import MailModel

/// A domain's DMARC record (RFC 9989 §4.7), read as far as it can be: what is wrong in one tag leaves the others.
package struct DMARCRecord: Hashable, Sendable {
    /// From the mildest on.
    package enum Policy: String, Hashable, Sendable, Codable, CaseIterable {
        case none, quarantine, reject

        /// What a domain that tests asks for (`t=y`).
        package var milder: Policy { self == .reject ? .quarantine : .none }
    }

    package enum Alignment: String, Hashable, Sendable, Codable {
        case relaxed = "r"
        case strict = "s"
    }

    /// What a record says of being that of a public suffix.
    package enum SuffixMark: String, Hashable, Sendable, Codable {
        case yes = "y"
        case no = "n"
        case unknown = "u"
    }

    /// Something about a record that its owner should know.
    package enum Note: Hashable, Sendable {
        /// A tag that RFC 9989 took away: `pct`, `rf`, `ri`.
        case obsolete(String)
        /// `!10m` behind an address, which RFC 9989 has reporters pass over.
        case sizeLimit(String)
        case unknownTag(String)
        case badValue(tag: String, value: String)
        case repeatedTag(String)
        /// A part without `name=value`.
        case badPart(String)
        /// Older readers want `p` right behind `v`.
        case policyNotFirst
        case missingPolicy
    }

    /// `p`: of the domain itself; nil where it is missing or cannot be read.
    package var policy: Policy?
    /// `sp`: of names below it.
    package var subdomainPolicy: Policy?
    /// `np`: of names below it that do not exist.
    package var absentPolicy: Policy?
    package var dkimAlignment = Alignment.relaxed
    package var spfAlignment = Alignment.relaxed
    /// `t=y`.
    package var isTest = false
    package var suffixMark = SuffixMark.unknown
    /// `rua`: where aggregate reports go.
    package var reports: [String] = []
    /// `ruf`: where failure reports go.
    package var failureReports: [String] = []
    /// `fo`.
    package var failureOptions = ["0"]
    package var notes: [Note] = []

    /// Octets, tags and addresses that are looked at.
    static let bytesMax = 8192
    private static let tagsMax = 64
    private static let addressesMax = 20

    /// Whether `p`, `sp` or `np` has a value that none of them may have.
    package var hasBadPolicy: Bool {
        notes.contains { if case .badValue(let tag, _) = $0 { ["p", "sp", "np"].contains(tag) } else { false } }
    }

    /// Whether a text is a record at all: it begins with `v=DMARC1` and nothing more up to a semicolon.
    package static func isRecord(_ text: String) -> Bool {
        guard text.utf8.count <= bytesMax, let first = parts(text).first, let (name, value) = pair(first) else { return false }
        return name == "v" && value == "DMARC1" && text.first == "v"
    }

    /// Nil where it is no record.
    package init?(_ text: String) {
        guard DMARCRecord.isRecord(text) else { return nil }
        var seen: [String] = []
        for part in DMARCRecord.parts(text).dropFirst().prefix(DMARCRecord.tagsMax) where !part.isEmpty {
            guard let (name, value) = DMARCRecord.pair(part) else {
                notes.append(.badPart(part))
                continue
            }
            guard !seen.contains(name) else {
                notes.append(.repeatedTag(name))
                continue
            }
            seen.append(name)
            take(name, value)
        }
        if policy == nil, !seen.contains("p") { notes.append(.missingPolicy) }
        if let first = seen.first, first != "p", seen.contains("p") { notes.append(.policyNotFirst) }
    }

    private mutating func take(_ name: String, _ value: String) {
        let low = value.lowercased()
        func read<Value: RawRepresentable>(_ type: Value.Type) -> Value? where Value.RawValue == String { Value(rawValue: low) }
        var isGood = true
        switch name {
        case "p":
            policy = read(Policy.self)
            isGood = policy != nil
        case "sp":
            subdomainPolicy = read(Policy.self)
            isGood = subdomainPolicy != nil
        case "np":
            absentPolicy = read(Policy.self)
            isGood = absentPolicy != nil
        case "adkim":
            isGood = read(Alignment.self) != nil
            dkimAlignment = read(Alignment.self) ?? .relaxed
        case "aspf":
            isGood = read(Alignment.self) != nil
            spfAlignment = read(Alignment.self) ?? .relaxed
        case "psd":
            isGood = read(SuffixMark.self) != nil
            suffixMark = read(SuffixMark.self) ?? .unknown
        case "t":
            isGood = low == "y" || low == "n"
            isTest = low == "y"
        case "rua": reports = addresses(value, of: name)
        case "ruf": failureReports = addresses(value, of: name)
        case "fo":
            let options = low.split(separator: ":", omittingEmptySubsequences: false).map { DMARCRecord.trimmed($0) }
            let isKnown = options.allSatisfy { ["0", "1", "d", "s"].contains($0) } && Set(options).count == options.count
            isGood = isKnown && !(options.contains("0") && options.contains("1"))
            if isGood { failureOptions = options }
        case "pct", "rf", "ri": notes.append(.obsolete(name))
        default: notes.append(.unknownTag(name))
        }
        if !isGood { notes.append(.badValue(tag: name, value: value)) }
    }

    /// `mailto:` and other URIs with commas between; a size behind an exclamation mark is left out.
    private mutating func addresses(_ list: String, of tag: String) -> [String] {
        var found: [String] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false).prefix(DMARCRecord.addressesMax) {
            var text = DMARCRecord.trimmed(part)
            if let mark = text.lastIndex(of: "!"), DMARCRecord.isSize(text[text.index(after: mark)...]) {
                notes.append(.sizeLimit(text))
                text = String(text[..<mark])
            }
            if DMARCRecord.isAddress(text) {
                found.append(text)
            } else {
                notes.append(.badValue(tag: tag, value: text))
            }
        }
        return found
    }

    private static func isSize(_ text: Substring) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && ["", "k", "m", "g", "t"].contains(text.dropFirst(digits.count).lowercased())
    }

    /// A scheme, and for `mailto` an address of mail.
    private static func isAddress(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return false }
        let scheme = text[..<colon]
        guard scheme.first?.isLetter == true, scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return false }
        return scheme.lowercased() == "mailto" ? mailbox(text) != nil : text.utf8.count > scheme.utf8.count + 1
    }

    /// The address of a `mailto:` URI; nil for other ones.
    package static func mailbox(_ uri: String) -> EmailAddress? {
        guard uri.lowercased().hasPrefix("mailto:") else { return nil }
        return EmailAddress(String(uri.dropFirst(7).prefix { $0 != "?" }))
    }

    private static func parts(_ text: String) -> [String] {
        text.split(separator: ";", omittingEmptySubsequences: false).map { trimmed($0) }
    }

    private static func pair(_ part: String) -> (String, String)? {
        guard let equals = part.firstIndex(of: "=") else { return nil }
        let name = trimmed(part[..<equals])
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else { return nil }
        return (name.lowercased(), trimmed(part[part.index(after: equals)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }

    private static func trimmed(_ text: String) -> String { trimmed(Substring(text)) }
}
