import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Submission

@Suite(.ownThreads) struct PasswordHashTests {
    private let cheap = PasswordHash.Cost(logRounds: 4, blockSize: 1, parallelism: 1)

    private func hash(_ password: String) throws -> String {
        try PasswordHash(password: Array(password.utf8), cost: cheap).description
    }

    @Test func matchesItsPasswordAndNoOther() throws {
        let hash = try PasswordHash(password: Array("correct horse".utf8), cost: cheap)
        #expect(hash.matches(Array("correct horse".utf8)))
        #expect(!hash.matches(Array("correct horsf".utf8)))
        #expect(!hash.matches([]))
        #expect(!hash.matches([UInt8](repeating: 0x61, count: PasswordHash.passwordBytesMax + 1)))
    }

    @Test func comesBackFromItsText() throws {
        let text = try hash("secret")
        let read = try #require(PasswordHash(text))
        #expect(read.description == text)
        #expect(text.hasPrefix("scrypt$ln=4,r=1,p=1$"))
        #expect(read.matches(Array("secret".utf8)))
    }

    @Test func twoHashesOfOnePasswordDiffer() throws {
        #expect(try hash("secret") != hash("secret"))
    }

    /// RFC 7914 §12, the first 32 octets of the second vector.
    @Test func agreesWithTheVectorsOfTheRFC() throws {
        let salt = "TmFDbA=="
        #expect(
            PasswordHash("scrypt$ln=10,r=8,p=16$\(salt)$/bq+HJ00cgB4VucZDQHp/nxq18ggI3gw53N2Y0s3MWI=") == nil,
            "a salt of 4 octets is too short")
        let vector = try #require(
            PasswordHash("scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI="))
        #expect(vector.matches(Array("pleaseletmein".utf8)))
        #expect(!vector.matches(Array("pleaseletmeim".utf8)))
    }

    @Test(arguments: [
        "", "scrypt", "argon2$ln=4,r=1,p=1$c2FsdHNhbHQ=$AAAA", "scrypt$ln=4,r=1$c2FsdHNhbHQ=$AAAA",
        "scrypt$ln=18,r=8,p=1$c2FsdHNhbHQ=$AAAA",
        "scrypt$ln=17,r=8,p=1$c2FsdHNhbHQ=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=",
        "scrypt$ln=4,r=1,p=0$c2FsdHNhbHQ=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=",
        "scrypt$ln=4,r=1,p=1$c2FsdHNhbHQ=$AAAA", "scrypt$ln=-4,r=1,p=1$c2FsdHNhbHQ=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=",
    ])
    func refusesOtherTexts(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test func standardAndGeneratedCostsAreUpToDateAndOthersAreNot() throws {
        #expect(try !PasswordHash(password: [1], cost: .generated).isOutdated)
        #expect(try PasswordHash(password: [1], cost: cheap).isOutdated)
    }

    @Test func anAccountTakesItsPasswordAndItsAppPasswords() throws {
        var account = Account(address: EmailAddress("a@example.org")!, passwordHash: try hash("own"))
        account.appPasswords = [AppPassword(label: "scanner", hash: try hash("app"), createdAt: Timestamp(seconds: 0))]
        #expect(PasswordHash.accepts(Array("own".utf8), for: account))
        #expect(PasswordHash.accepts(Array("app".utf8), for: account))
        #expect(!PasswordHash.accepts(Array("other".utf8), for: account))
    }

    @Test func disabledAndUnknownAccountsTakeNone() throws {
        var account = Account(address: EmailAddress("a@example.org")!, passwordHash: try hash("own"))
        account.isDisabled = true
        #expect(!PasswordHash.accepts(Array("own".utf8), for: account))
        #expect(!PasswordHash.accepts(Array("own".utf8), for: nil))
        #expect(!PasswordHash.accepts([], for: Account(address: account.address, passwordHash: nil)))
    }
}
