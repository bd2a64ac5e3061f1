import Crypto
import Foundation
import MailModel

/// What the holder of an API key shows: `postern_NAME_SECRET`, the secret 52 digits of Crockford's base 32 (256 bits and 4 of padding).
///
/// The begin lets scanners find a token that was published by mistake, and the name says whose it is.
struct APIToken: Hashable, Sendable, CustomStringConvertible {
    let name: String
    let secret: String

    private static let begin = "postern_"
    private static let secretDigits = 52
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    private static let nameBytesMax = 64

    /// Nil for text that no key can have.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= APIToken.begin.utf8.count + APIToken.nameBytesMax + 1 + APIToken.secretDigits,
            text.hasPrefix(APIToken.begin), let separator = text.lastIndex(of: "_")
        else { return nil }
        let rest = text.dropFirst(APIToken.begin.count)
        guard rest.startIndex < separator else { return nil }
        name = String(text[rest.startIndex..<separator])
        secret = String(text[text.index(after: separator)...])
        guard secret.utf8.count == APIToken.secretDigits, secret.allSatisfy(APIToken.alphabet.contains) else { return nil }
    }

    private init(name: String, secret: String) {
        self.name = name
        self.secret = secret
    }

    /// A new one.
    static func make(name: String) -> APIToken {
        var random = SystemRandomNumberGenerator()
        let secret = (0..<secretDigits).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return APIToken(name: name, secret: String(secret))
    }

    var description: String { "\(APIToken.begin)\(name)_\(secret)" }

    /// SHA-256 in lower-case hexadecimal.
    var secretHash: String { SHA256.hash(data: Data(secret.utf8)).hexadecimal }

    /// No secret has it: what is compared where there is no such key, so that this takes as long.
    static let noHash = String(repeating: "x", count: 64)
}
