import InternetMessage
import MailModel
import Testing

@testable import MailAuthentication

@Suite struct DKIMPrivateKeyTests {
    @Test(arguments: DKIMAlgorithm.allCases)
    func aKeySurvivesPEM(_ algorithm: DKIMAlgorithm) throws {
        let key = algorithm == .rsaSHA256 ? TestKeys.rsa : TestKeys.ed25519
        let again = try DKIMPrivateKey(pem: key.pem())
        #expect(again.algorithm == algorithm)
        #expect(try again.publicRecord() == key.publicRecord())
        // Both forms of signature are deterministic.
        #expect(try again.sign([1, 2, 3]) == key.sign([1, 2, 3]))
    }

    @Test func publicRecordsHaveTheRightForm() throws {
        #expect(try TestKeys.rsa.publicRecord().hasPrefix("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"))
        #expect(try TestKeys.ed25519.publicRecord().wholeMatch(of: /v=DKIM1; k=ed25519; p=[A-Za-z0-9+\/]{43}=/) != nil)
    }

    @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", encrypted])
    func whatIsNoPlainKeyIsRefused(_ text: String) {
        #expect(throws: CryptoError.self) { try DKIMPrivateKey(pem: text) }
        #expect(throws: CryptoError.self) { try DKIMPrivateKey(der: Array(text.utf8)) }
    }

    /// An Ed25519 key under a password: nobody may be asked for it.
    private static let encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg++iNdYOcY2AICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEyJliWJljYNmtuIMWL8McIEQG1e
        7hSMqA4euTiOH2wYVCxFvphChfsfszjSU5ZWOpeuQo+o676Pk9RnXJ7YX2+zZFuo
        TksM5E/XF5M6ZzzQ+Zc=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    @Test func otherKindsOfKeyAreRefused() {
        let curve = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
            OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
            1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
            -----END PRIVATE KEY-----
            """
        #expect(throws: CryptoError("the key is neither RSA nor Ed25519")) { try DKIMPrivateKey(pem: curve) }
    }

    @Test func manyThreadsMaySignWithOneKey() async throws {
        let expected = try TestKeys.rsa.sign([7])
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<64 { group.addTask { try TestKeys.rsa.sign([7]) } }
            for try await signature in group { #expect(signature == expected) }
        }
    }

    @Test func namesBeyondASCIIAreNoSigner() throws {
        let domain = try #require(DomainName("b\u{FC}cher.example"))
        #expect(DKIMSigner(domain: domain, selector: TestKeys.domain, key: TestKeys.rsa) == nil)
    }
}
