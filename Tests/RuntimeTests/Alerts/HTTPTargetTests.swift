import DNSClient
import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct HTTPTargetTests {
    private func read(_ text: String, private allowsPrivate: Bool = false) -> HTTPTarget? {
        try? HTTPTarget.read(text, allowsPrivateAddresses: allowsPrivate).get()
    }

    @Test func aURLIsReadStrictly() throws {
        let target = try #require(read("https://hooks.example.org/a/b?c=%20d"))
        #expect(target.port == 443 && target.isEncrypted && target.path == "/a/b?c=%20d" && target.hostField == "hooks.example.org")
        #expect(read("https://hooks.example.org:8443")?.hostField == "hooks.example.org:8443")
        #expect(read("https://hooks.example.org")?.path == "/")
        #expect(read("HTTPS://9.9.9.9/")?.host == .address(.v4(0x0909_0909)))
        #expect(read("https://[2620:fe::fe]/")?.hostField == "[2620:fe::fe]")
        #expect(read("http://10.0.0.7:8080/x", private: true)?.hostField == "10.0.0.7:8080")
    }

    @Test(arguments: [
        "", "example.org", "https://", "http://example.org/", "ftp://example.org/", "https://user@example.org/", "https://u:p@example.org/",
        "https://example.org/#part", "https://example.org:0/", "https://example.org:70000/", "https://exa mple.org/",
        "https://example.org/\r\nX: y",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest", "https://10.1.2.3/",
        "https://192.168.0.1/", "https://[fe80::1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
    ])
    func whatIsNoPublicHTTPSAddressIsRefused(_ text: String) { #expect(read(text) == nil) }

    @Test func plaintextGoesToPrivateAddressesOnly() throws {
        #expect(read("http://9.9.9.9/", private: true) == nil)
        let target = try #require(read("http://hooks.example.org/", private: true))
        func choice(_ addresses: IPAddress...) -> IPAddress? {
            try? target.address(from: .records(addresses, isSecure: false, ttlSeconds: 60)).get()
        }
        #expect(choice(.v4(0x0909_0909)) == nil)
        #expect(choice(.v4(0x0909_0909), .v4(0x0A00_0001)) == .v4(0x0A00_0001))
    }

    @Test func ofAnAnswerOnlyAPublicAddressIsTaken() throws {
        let target = try #require(read("https://hooks.example.org/"))
        func choice(_ answer: DNSAnswer<IPAddress>) -> IPAddress? { try? target.address(from: answer).get() }
        let mixed: [IPAddress] = [.v4(0x7F00_0001), .v4(0xA9FE_A9FE), .v4(0x0909_0909), .v4(0x0808_0808)]
        #expect(choice(.records(mixed, isSecure: false, ttlSeconds: 60)) == .v4(0x0909_0909))
        #expect(choice(.records(Array(mixed.prefix(2)), isSecure: false, ttlSeconds: 60)) == nil)
        #expect(choice(.noRecords(nameExists: true, isSecure: false, ttlSeconds: 60)) == nil)
        #expect(choice(.failure(reason: "time-out", isBogus: false)) == nil)
    }

    /// The example of the specification of Standard Webhooks.
    @Test func aCallIsSignedAsTheStandardSays() throws {
        let key: [UInt8] = [
            0x30, 0xA3, 0x76, 0x8B, 0xCB, 0xFE, 0x4D, 0xF0, 0xB8, 0xB1, 0x3F, 0x8D, 0x3E, 0x95, 0x3B, 0x8F, 0x1E, 0x9F, 0x0B, 0x7A, 0x21,
            0x4C,
            0x55, 0xD0,
        ]
        let call = WebhookCall(
            id: "msg_1", at: Timestamp(seconds: 1_614_265_330), body: Array(#"{"test": 2432232314}"#.utf8),
            secret: WebhookSecret(bytes: key))
        #expect(call.fields.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(call.fields[1].value == "1614265330")
        var other = call
        other = WebhookCall(id: "msg_1", at: call.at + .seconds(1), body: call.body, secret: WebhookSecret(bytes: key))
        #expect(other.signature != call.signature && call.signature.hasPrefix("v1,") && call.signature.utf8.count == 47)
    }
}
