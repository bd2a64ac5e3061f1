import Crypto
import Foundation
import MailModel

/// One-time codes by time (RFC 6238): SHA-1, six digits, thirty seconds, as authenticator programs expect.
struct OneTimeCode: Sendable {
    /// 160 bits, as RFC 4226 §4 recommends.
    let secret: [UInt8]

    static let secretBytes = 20
    private static let period: Int64 = 30_000

    init(secret: [UInt8]) { self.secret = secret }

    static func random() -> OneTimeCode {
        var random = SystemRandomNumberGenerator()
        return OneTimeCode(secret: (0..<secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    /// The step that `code` is of, now or one step beside, since clocks differ; nil where it is of none.
    func step(of code: String, at now: Timestamp) -> Int64? {
        let digits = code.filter { $0 != " " }
        guard digits.utf8.count == 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let step = now.milliseconds / OneTimeCode.period
        return [step, step - 1, step + 1].first { self.code($0) == digits }
    }

    func code(at now: Timestamp) -> String { code(now.milliseconds / OneTimeCode.period) }

    /// RFC 4226 §5.3.
    private func code(_ step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(digest[digest.count - 1] & 0x0F)
        let value = digest[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = "\(value % 1_000_000)"
        return String(repeating: "0", count: 6 - text.count) + text
    }

    /// Base 32 (RFC 4648 §6) without padding, to be typed.
    var text: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits = 0
        var value: UInt32 = 0
        var text = ""
        for byte in secret {
            value = value << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(value >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(value << UInt32(5 - bits) & 31)]) }
        return text
    }

    /// As authenticator programs read it from a link or a picture.
    func address(account: String, issuer: String) -> String {
        let name = account.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let issuer = issuer.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "otpauth://totp/\(issuer):\(name)?secret=\(text)&issuer=\(issuer)"
    }
}

/// Codes for the day on which the authenticator is lost.
enum RecoveryCode {
    static let count = 10
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// Sixteen letters and digits (80 bits) in groups of four.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String((0..<4).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }) }
            .joined(separator: "-")
    }

    static func hash(_ code: String) -> String {
        let plain = code.lowercased().filter { $0 != "-" && $0 != " " }
        return SHA256.hash(data: Array(plain.utf8)).hexadecimal
    }
}
