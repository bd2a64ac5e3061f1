/// An enhanced mail system status code (RFC 3463): class 2, 4 or 5; subject and detail 0…999.
package struct EnhancedStatusCode: Hashable, Sendable, CustomStringConvertible, Codable {
    package let statusClass: Int
    package let subject: Int
    package let detail: Int

    /// For codes written in this program; a code from a peer is read by `init?(_:)`.
    package init(_ statusClass: Int, _ subject: Int, _ detail: Int) {
        precondition(
            (statusClass == 2 || statusClass == 4 || statusClass == 5) && (0...999).contains(subject) && (0...999).contains(detail))
        self.statusClass = statusClass
        self.subject = subject
        self.detail = detail
    }

    /// Reads `5.7.1`; nil for anything else. One pass over the octets: every reply of every peer comes through here.
    package init?(_ text: some StringProtocol) {
        guard
            let numbers = text.utf8.withContiguousStorageIfAvailable(readNumbers) ?? Array(text.utf8).withUnsafeBufferPointer(readNumbers),
            numbers.0 == 2 || numbers.0 == 4 || numbers.0 == 5
        else { return nil }
        self.init(numbers.0, numbers.1, numbers.2)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let code = EnhancedStatusCode(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a status code: \(text)"))
        }
        self = code
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package var description: String { String(capacity: EnhancedStatusCode.bytesMax) { write(to: &$0) } }

    /// As in `description`; at most `bytesMax` octets.
    package func write(to text: inout TextWriter) {
        text.put(decimal: statusClass)
        text.put(0x2E)
        text.put(decimal: subject)
        text.put(0x2E)
        text.put(decimal: detail)
    }

    /// Octets of `5.999.999`.
    package static let bytesMax = 9
}

/// Three numbers with dots between them: one digit, then one to three each (RFC 3463 §2).
private func readNumbers(_ bytes: UnsafeBufferPointer<UInt8>) -> (Int, Int, Int)? {
    var numbers = (0, 0, 0)
    var part = 0
    var digits = 0
    for byte in bytes {
        if byte == 0x2E, digits > 0, part < 2 {
            part += 1
            digits = 0
            continue
        }
        guard byte >= 0x30, byte <= 0x39, digits < (part == 0 ? 1 : 3) else { return nil }
        digits += 1
        let digit = Int(byte - 0x30)
        switch part {
        case 0: numbers.0 = numbers.0 * 10 + digit
        case 1: numbers.1 = numbers.1 * 10 + digit
        default: numbers.2 = numbers.2 * 10 + digit
        }
    }
    return part == 2 && digits > 0 ? numbers : nil
}
