/// Octets in an address of the web that nobody can make up: a text of them and of a code over them.
enum SealedOctets {
    /// Octets of the code at the end.
    static let codeBytes = 16
    /// Longer texts are not looked at.
    static let charactersMax = 800

    /// `mac`: an HMAC-SHA256 of octets under a key of the purpose.
    static func text(_ payload: [UInt8], mac: ([UInt8]) -> [UInt8]) -> String {
        Base64URL.text(payload + mac(payload).prefix(codeBytes))
    }

    /// Nil where it is none of ours. `length`: octets at least.
    static func payload(_ text: some StringProtocol, length: Int, mac: ([UInt8]) -> [UInt8]) -> [UInt8]? {
        guard text.utf8.count <= charactersMax, let octets = Base64URL.octets(text), octets.count >= length + codeBytes else { return nil }
        let payload = Array(octets.dropLast(codeBytes))
        let expected = mac(payload).prefix(codeBytes)
        // In the same time whatever the first difference.
        guard expected.count == codeBytes, zip(octets.suffix(codeBytes), expected).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
            return nil
        }
        return payload
    }

    static func octets(_ number: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
    }

    static func number(_ octets: ArraySlice<UInt8>) -> Int64 { octets.reduce(0) { $0 << 8 | Int64($1) } }
}
