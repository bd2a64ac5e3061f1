import InternetMessage

extension RuleHits {
    /// Damage, and what bulk mail must have.
    mutating func lookAtForm(_ facts: ScanFacts, isBulk: Bool) {
        let content = facts.content
        for name in ["from", "subject", "to", "message-id", "content-type", "mime-version"]
        where content.fields.count(where: { $0.name == name }) > 1 {
            add(.headerDamage, "\(name) stands more than once")
        }
        if content.defects.contains(.strangeHeaderLine) || content.defects.contains(.tooMuchHeader) {
            add(.headerDamage, MIMEDefect.strangeHeaderLine.rawValue)
        }
        let parts = content.defects.subtracting([.strangeHeaderLine, .tooMuchHeader, .missingEnd]).map(\.rawValue).sorted()
        if let first = parts.first { add(.partDamage, first) }
        if let envelope = facts.envelope, envelope.recipients >= 50, !envelope.isCampaign {
            add(.recipients, "\(envelope.recipients) recipients")
        }
        if isBulk, !content.has("list-unsubscribe"), !BulkMarks.offersUnsubscribe(content) { add(.noUnsubscribe, content.field("from")) }
        if let likes = facts.likes, likes.isMany { add(.duplicates, likes.description) }
    }
}

/// How mail to many looks.
enum BulkMarks {
    /// True for what is written once and sent to many: by its fields, its recipients, its copies, or a page of pictures and links that
    /// says how to unsubscribe.
    static func isBulk(_ facts: ScanFacts) -> Bool {
        let content = facts.content
        if content.has("list-unsubscribe") || ["bulk", "list"].contains(content.field("precedence").lowercased()) { return true }
        if let envelope = facts.envelope, envelope.recipients >= 50 || envelope.isCampaign { return true }
        if facts.likes?.isMany == true { return true }
        let led = content.links.count { $0.kind == .anchor || $0.kind == .written }
        guard let html = content.html else { return led >= 3 && offersUnsubscribe(content) }
        return led >= 2 && offersUnsubscribe(content) || html.images >= 4 && led >= 6
    }

    /// In its text or in the address of a link.
    static func offersUnsubscribe(_ content: MessageContent) -> Bool {
        hasWord(content.shownText) || content.links.contains { hasWord(Array($0.address.text.utf8)) }
    }

    private static let words: [[UInt8]] = [
        "unsubscribe", "opt-out", "optout", "abmelden", "abbestellen", "désabonner", "désinscrire", "darse de baja", "cancelar suscripci",
        "disiscri", "uitschrijven", "be removed", "remove your", "remove me",
    ].map { Array($0.utf8) }
    /// By their first octet.
    private static let wordsByFirst: [[[UInt8]]] = (0..<256).map { first in words.filter { $0[0] == UInt8(first) } }
    /// By the first octet, the second ones: a bit for each value of their lower five bits.
    private static let seconds: [UInt32] = wordsByFirst.map { words in words.reduce(0) { $0 | 1 << UInt32($1[1] & 0x1F) } }

    /// One of the words, without ASCII case.
    private static func hasWord(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { text in
            guard text.count > 1 else { return false }
            for position in 0..<(text.count - 1) {
                guard seconds[Int(lower(text[position]))] >> UInt32(text[position + 1] & 0x1F) & 1 == 1 else { continue }
                for word in wordsByFirst[Int(lower(text[position]))] where position + word.count <= text.count {
                    if word.indices.allSatisfy({ lower(text[position + $0]) == word[$0] }) { return true }
                }
            }
            return false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
