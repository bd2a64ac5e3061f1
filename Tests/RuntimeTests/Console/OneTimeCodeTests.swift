import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct OneTimeCodeTests {
    /// RFC 6238, appendix B, with six digits of the eight.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ])
    func codesAreThoseOfTheStandard(_ seconds: Int64, _ code: String) {
        let made = OneTimeCode(secret: Array("12345678901234567890".utf8))
        #expect(made.code(at: Timestamp(milliseconds: seconds * 1000)) == code)
    }

    @Test func aCodeOfTheStepBesideIsTakenAndNoOther() {
        let code = OneTimeCode(secret: Array("12345678901234567890".utf8))
        let now = Timestamp(milliseconds: 1_111_111_109_000)
        for (seconds, expected) in [(-30, true), (0, true), (30, true), (-60, false), (60, false)] {
            let text = code.code(at: now + .seconds(seconds))
            #expect((code.step(of: text, at: now) != nil) == expected, "\(seconds)")
        }
        #expect(code.step(of: "081 804", at: now) == 37_037_036)
        for text in ["", "12345", "0818049", "08180a", "٠٨١٨٠٤"] { #expect(code.step(of: text, at: now) == nil) }
    }

    @Test func secretsAreWrittenInBase32() {
        #expect(OneTimeCode(secret: Array("foobar".utf8)).text == "MZXW6YTBOI")
        #expect(OneTimeCode(secret: Array("12345678901234567890".utf8)).text == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(OneTimeCode.random().text.count == 32)
        #expect(
            OneTimeCode(secret: [1]).address(account: "a@b.example", issuer: "Postern").hasPrefix(
                "otpauth://totp/Postern:a%40b%2Eexample?secret="))
    }

    @Test func recoveryCodesAreReadHoweverTheyAreTyped() {
        let code = RecoveryCode.make()
        #expect(code.count == 19 && RecoveryCode.hash(code) == RecoveryCode.hash(code.uppercased().filter { $0 != "-" }))
        #expect(RecoveryCode.hash(code) != RecoveryCode.hash(RecoveryCode.make()))
    }
}
