package import MailModel

/// Who leaves which list, in an address of the web that nobody can make up. It has no end: it says all that it needs, and holds as long as
/// the key does.
package struct UnsubscribeToken: Hashable, Sendable {
    /// The campaign that it came with.
    package var campaign: Int64
    package var list: Int64
    package var address: EmailAddress

    package init(campaign: Int64, list: Int64, address: EmailAddress) {
        self.campaign = campaign
        self.list = list
        self.address = address
    }

    /// Octets of the code at the end.
    package static let codeBytes = 16
    /// Longer ones are not looked at.
    package static let charactersMax = 600
    private static let version: UInt8 = 1

    /// `mac`: an HMAC-SHA256 of octets under the key of unsubscribe tokens.
    package func text(mac: ([UInt8]) -> [UInt8]) -> String {
        let payload = payload
        return Base64URL.text(payload + mac(payload).prefix(UnsubscribeToken.codeBytes))
    }

    /// Nil where it is none of ours.
    package init?(_ text: some StringProtocol, mac: ([UInt8]) -> [UInt8]) {
        guard text.utf8.count <= UnsubscribeToken.charactersMax, let octets = Base64URL.octets(text),
            octets.count > 17 + UnsubscribeToken.codeBytes, octets[0] == UnsubscribeToken.version
        else { return nil }
        let payload = Array(octets.dropLast(UnsubscribeToken.codeBytes))
        let (code, expected) = (octets.suffix(UnsubscribeToken.codeBytes), mac(payload).prefix(UnsubscribeToken.codeBytes))
        // In the same time whatever the first difference.
        guard zip(code, expected).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0, code.count == expected.count,
            let address = EmailAddress(String(decoding: payload[17...], as: UTF8.self))
        else { return nil }
        self.init(
            campaign: UnsubscribeToken.number(payload[1..<9]), list: UnsubscribeToken.number(payload[9..<17]), address: address)
    }

    private var payload: [UInt8] {
        var octets = [UnsubscribeToken.version]
        for number in [campaign, list] {
            for shift in stride(from: 56, through: 0, by: -8) { octets.append(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
        }
        return octets + Array(address.description.utf8)
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> Int64 { octets.reduce(0) { $0 << 8 | Int64($1) } }
}

/// RFC 4648 §5, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ octets: [UInt8]) -> String {
        var characters: [UInt8] = []
        for start in stride(from: 0, to: octets.count, by: 3) {
            let part = octets[start..<min(start + 3, octets.count)]
            var value = part.reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
            value <<= UInt32(8 * (3 - part.count))
            for index in 0...part.count { characters.append(alphabet[Int(value >> UInt32(18 - 6 * index)) & 63]) }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    static func octets(_ text: some StringProtocol) -> [UInt8]? {
        var octets: [UInt8] = []
        var value: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            value = value << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                octets.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
                value &= (1 << UInt32(bits)) - 1
            }
        }
        // One text for each value.
        return bits < 6 && value == 0 ? octets : nil
    }
}
