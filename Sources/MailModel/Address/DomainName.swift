/// A domain name as mail uses it: lower case, no trailing dot, 1…253 octets, labels of 1…63 octets (RFC 1035 §2.3.4).
///
/// Internationalised labels stay in UTF-8 (RFC 6531); the DNS client turns them into A-labels when it asks.
package struct DomainName: Hashable, Comparable, Sendable, CustomStringConvertible, Codable {
    package let text: String

    /// Nil where the name is empty, too long, has an empty or over-long label, a label that begins or ends with a hyphen, or
    /// any ASCII octet besides letters, digits, hyphen and underscore, or a character beyond ASCII that nobody sees. One trailing dot is dropped.
    package init?(_ name: some StringProtocol) {
        var bytes = Array(name.utf8)
        // Lower case first: it can make a name longer.
        let isASCII = !bytes.contains { $0 >= 0x80 }
        if !isASCII { bytes = Array(name.lowercased().utf8) }
        if bytes.last == 0x2E { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= DomainName.bytesMax else { return nil }
        var labelLength = 0
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case 0x2E:
                guard labelLength > 0, bytes[index - 1] != 0x2D else { return nil }
                labelLength = 0
                continue
            case 0x41...0x5A: bytes[index] = byte + 32
            case 0x61...0x7A, 0x30...0x39, 0x5F, 0x80...: break
            case 0x2D: guard labelLength > 0 else { return nil }
            default: return nil
            }
            labelLength += 1
            guard labelLength <= DomainName.labelBytesMax else { return nil }
        }
        guard labelLength > 0, bytes.last != 0x2D else { return nil }
        guard isASCII || !UnseenText.stands(in: bytes) else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// A name to ask DNS for, which may hold any printable ASCII, also what no host's name has (RFC 2181 §11). Nil as above, and where a backslash
    /// stands in it, which is how zone files write octets.
    package init?(asking name: some StringProtocol) {
        if let plain = DomainName(name) {
            self = plain
            return
        }
        var text = name.lowercased()
        if text.last == "." { text.removeLast() }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= DomainName.bytesMax, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x5C }),
            labels.allSatisfy({ (1...DomainName.labelBytesMax).contains($0.utf8.count) })
        else { return nil }
        self.text = text
    }

    /// Of a text that is a domain name already.
    private init(known text: String) { self.text = text }

    /// The name without its first label; nil where it has no other.
    package var parent: DomainName? {
        text.utf8.firstIndex(of: 0x2E).map { DomainName(known: String(text[text.utf8.index(after: $0)...])) }
    }

    /// RFC 1035 §2.3.4, without the octets of the wire form that the text has not.
    package static let bytesMax = 253
    package static let labelBytesMax = 63

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let name = DomainName(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a domain name: \(text)"))
        }
        self = name
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }
    package var isASCII: Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// True for the name itself and any name below it.
    package func isWithin(_ parent: DomainName) -> Bool {
        self == parent || text.hasSuffix("." + parent.text)
    }

    package static func < (left: DomainName, right: DomainName) -> Bool { left.text < right.text }
}
