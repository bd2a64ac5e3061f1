package import MailModel

/// The `Feedback-ID` that bulk mail carries, by which Google's Postmaster Tools tell campaigns apart: three parts of one's own choice and
/// the sender's identifier, `a:b:c:SenderId`. It counts only where a DKIM signature covers it.
package struct FeedbackID: Hashable, Sendable {
    /// What a part can be made of.
    package enum Part: Hashable, Sendable {
        /// A stable code of the sender, which does not show the address.
        case sender
        /// The tenant's number.
        case tenant
        case trafficClass
        /// `2026-11-22`: the day on which the message came in.
        case day
        /// Letters, digits, dots, hyphens and underscores.
        case text(String)
    }

    package static let partsMax = 3
    package static let senderIDBytes = 5...15

    /// 5 to 15 letters and digits, one's own alone (Google's form).
    private let senderID: String
    private let parts: [Part]

    /// `parts`: up to three words with colons between them: `sender`, `tenant`, `class`, `day`, or a text in quotes' stead as it stands. Nil
    /// where the sender's identifier or a part is not of the form.
    package init?(senderID: String, parts: String) {
        guard FeedbackID.senderIDBytes.contains(senderID.utf8.count), senderID.utf8.allSatisfy(FeedbackID.isAlphanumeric) else {
            return nil
        }
        let words = parts.isEmpty ? [] : parts.split(separator: ":", omittingEmptySubsequences: false)
        guard words.count <= FeedbackID.partsMax else { return nil }
        var read: [Part] = []
        for word in words {
            guard let part = FeedbackID.part(word) else { return nil }
            read.append(part)
        }
        self.senderID = senderID
        self.parts = read
    }

    private static func part(_ word: Substring) -> Part? {
        switch word {
        case "sender": .sender
        case "tenant": .tenant
        case "class": .trafficClass
        case "day": .day
        default:
            word.utf8.count <= 40 && word.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
                ? .text(String(word)) : nil
        }
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
    }

    /// The field, with its line end. Parts that are not used stay empty, as Google's form has them.
    package func field(tenant: TenantID, sender: String, trafficClass: TrafficClass, receivedAt: Timestamp) -> [UInt8] {
        var values = parts.map { part in
            switch part {
            case .sender: FeedbackID.code(of: sender)
            case .tenant: "\(tenant.value)"
            case .trafficClass: trafficClass.name
            case .day: String(receivedAt.rfc3339.prefix(10))
            case .text(let text): text
            }
        }
        values += [String](repeating: "", count: FeedbackID.partsMax - values.count)
        return Array("Feedback-ID: \(values.joined(separator: ":")):\(senderID)\r\n".utf8)
    }

    /// With parts of one's own, in place of those that were set. What cannot stand in a part becomes a hyphen.
    package func value(parts: [String]) -> String {
        var values = parts.prefix(FeedbackID.partsMax).map { part in
            String(
                decoding: part.utf8.prefix(40).map { FeedbackID.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F ? $0 : 0x2D },
                as: UTF8.self)
        }
        values += [String](repeating: "", count: FeedbackID.partsMax - values.count)
        return "\(values.joined(separator: ":")):\(senderID)"
    }

    private static func code(of sender: String) -> String {
        var hash = StableHash()
        hash.add(sender.lowercased())
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
