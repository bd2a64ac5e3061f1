package import MailModel

/// Addresses by their look: `root@*.local`, `*@printers.example.org`, `*`. A star stands for any text, an empty one too; case is of no account.
package struct AddressPattern: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    private let localPart: [UInt8]
    private let host: [UInt8]

    package static let bytesMax = 320

    /// Nil for anything but `LOCAL@HOST` or `*`.
    package init?(_ text: some StringProtocol) {
        let lowered = text == "*" ? "*@*" : text.lowercased()
        guard lowered.utf8.count <= AddressPattern.bytesMax, lowered.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
            let at = lowered.utf8.lastIndex(of: 0x40)
        else { return nil }
        localPart = Array(lowered.utf8[..<at])
        host = Array(lowered.utf8[lowered.utf8.index(after: at)...])
        guard !localPart.isEmpty, !host.isEmpty else { return nil }
        description = text == "*" ? "*" : lowered
    }

    package func matches(_ address: EmailAddress) -> Bool {
        AddressPattern.fits(Array(address.localPart.lowercased().utf8), localPart)
            && AddressPattern.fits(Array(address.host.description.lowercased().utf8), host)
    }

    /// Goes back to the last star only: as long as text times pattern at most.
    private static func fits(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (place, wanted) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while place < text.count {
            if wanted < pattern.count, pattern[wanted] == 0x2A {
                star = (wanted, place)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == text[place] {
                wanted += 1
                place += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (wanted, place) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == 0x2A }
    }
}

extension AddressPattern: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let pattern = AddressPattern(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a pattern of addresses: \(text)"))
        }
        self = pattern
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
