import Foundation
import MailModel
import OutboundPolicy
import Testing

struct AlertPolicyTests {
    private func directory() throws -> Directory {
        var directory = Directory()
        let domain = try #require(DomainName("example.org"))
        directory.domains[domain] = AcceptedDomain(name: domain)
        let accounts = [
            ("boss@example.org", ["administrator"]), ("a@example.org", []), ("chief@example.org", ["administrator"]),
            ("admin@gate.local", ["administrator"]),
        ]
        for (text, roles) in accounts {
            let address = try #require(EmailAddress(text))
            var account = Account(address: address, passwordHash: nil)
            account.roles = roles
            directory.accounts[address.key] = account
        }
        for name in ["chat", "pager"] {
            directory.webhooks[name] = Webhook(name: name, url: "https://example.org/", sealedSecret: "", createdAt: Timestamp(seconds: 0))
        }
        return directory
    }

    @Test func administratorsAndEveryWebhookAreToldUnlessSaidOtherwise() throws {
        var directory = try directory()
        func told(_ kind: AlertKind, usual: [EmailAddress] = []) -> [String] {
            AlertRules(directory, usual: usual).channels(kind).map(\.description)
        }
        #expect(told(.senderRestricted) == ["mail:boss@example.org", "mail:chief@example.org", "webhook:chat", "webhook:pager"])
        #expect(told(.limitNear) == ["webhook:chat", "webhook:pager"], "the sender is told, the administrators are spared")
        let usual = try #require(EmailAddress("soc@example.org"))
        #expect(told(.senderRestricted, usual: [usual]).first == "mail:soc@example.org")
        var change = AlertPolicyChange(kind: .senderRestricted)
        change.addresses = []
        change.webhooks = ["pager"]
        directory.alertPolicies[.senderRestricted] = change
        #expect(told(.senderRestricted, usual: [usual]) == ["webhook:pager"])
        directory.webhooks["pager"]?.isDisabled = true
        #expect(told(.senderRestricted) == [])
    }

    @Test func aChangeHoldsOnlyWhatDiffers() throws {
        var change = AlertPolicyChange(kind: .queueStuck)
        #expect(change.isEmpty && change.problem == nil)
        change.quietSeconds = 0
        change.severity = .low
        let text = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        #expect(!text.contains("isOn") && !text.contains("addresses"))
        #expect(try JSONDecoder().decode(AlertPolicyChange.self, from: Data(text.utf8)) == change)
        let policy = change.applied(to: .builtIn(.queueStuck))
        #expect(policy.quiet == nil && policy.severity == .low && policy.isOn && policy.window == .seconds(60))
    }

    @Test(
        arguments: [(0, nil, nil), (86_401, nil, nil), (nil, 59, nil), (nil, 2_592_001, nil), (nil, nil, -1), (nil, nil, 10_001)]
            as [(Int?, Int?, Int?)])
    func numbersHaveTheirRanges(_ window: Int?, _ quiet: Int?, _ perDay: Int?) {
        var change = AlertPolicyChange(kind: .queueStuck)
        change.windowSeconds = window
        change.quietSeconds = quiet
        change.noticesPerDayMax = perDay
        #expect(change.problem != nil)
    }

    @Test func channelsReadWhatTheyWrite() throws {
        let address = try #require(EmailAddress("\"odd:one\"@example.org"))
        for channel in [NoticeChannel.mail(address), .sender(address), .webhook("a:b")] { #expect(NoticeChannel("\(channel)") == channel) }
        for text in ["mail:", "mail", "fax:1", ""] { #expect(NoticeChannel(text) == nil) }
    }
}
