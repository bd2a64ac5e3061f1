import InternetMessage
package import MailModel

/// What the model looks at in a message.
package struct ExchangeContentFacts: Sendable, Hashable {
    package var from: EmailAddress?
    package var subject = ""
    package var messageID = ""
    package var isForwarded = false
    /// Links, counted by their schemes.
    package var links = 0
    /// Holds the string by which every filter is tried.
    package var hasTestString = false
    /// The same for messages that differ in digits, letter case and spaces only.
    package var likeness: UInt64 = 0

    package init() {}

    /// Octets of a body that are looked at.
    package static let bodyBytesMax = 262_144

    /// The generic test for unsolicited bulk mail, https://spamassassin.apache.org/gtube/; in two parts, so that this file is none.
    private static let testString = Array(("XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X").utf8)

    package static func read(_ content: [UInt8]) -> ExchangeContentFacts {
        var facts = ExchangeContentFacts()
        var start = 0
        if case .success(let header) = HeaderSection.scan(content) {
            let message = MessageFacts.read(content, header: header)
            facts.from = message.from.first
            facts.subject = message.subject
            facts.messageID = message.messageID
            facts.isForwarded = header.first("x-ms-exchange-inbox-rules-loop", in: content) != nil
            start = header.bodyStart
        }
        facts.readBody(content[start..<min(content.count, start + bodyBytesMax)])
        return facts
    }

    private mutating func readBody(_ body: ArraySlice<UInt8>) {
        var hash = StableHash()
        let scheme = Array("://".utf8)
        var index = body.startIndex
        while index < body.endIndex {
            let byte = body[index]
            if byte == scheme[0], body[index...].prefix(3).elementsEqual(scheme) { links += 1 }
            if byte == 0x58, !hasTestString, body[index...].starts(with: ExchangeContentFacts.testString) { hasTestString = true }
            switch byte {
            case 0x41...0x5A: hash.add(byte | 0x20)
            case 0x30...0x39, 0x09, 0x0A, 0x0D, 0x20: break
            default: hash.add(byte)
            }
            index += 1
        }
        likeness = hash.value
    }
}
