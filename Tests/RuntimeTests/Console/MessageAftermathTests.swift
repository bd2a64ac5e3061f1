import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import Console
@testable import PosternRuntime

/// What a help desk reads of a message that came back.
@Suite(.ownThreads) struct MessageAftermathTests {
    private static let id = MessageIDText.of(at: TestData.now)
    private static let reportID = MessageIDText.of(at: TestData.now + .seconds(2))

    private func bounced(reply: SMTPReply = SMTPReply(550, EnhancedStatusCode(5, 1, 1), "User unknown")) async throws -> TestData {
        let data = try await TestData()
        try await data.accept(MessageAftermathTests.id, recipients: ["b@example.net"])
        let outcome = Settlement.Outcome(
            index: 0, oldState: .queued, newState: .bounced, attempts: 1, dueAt: TestData.now, isWarned: false, reply: reply, stage: nil)
        let settlement = Settlement(
            tenant: .standard, message: MessageAftermathTests.id, at: TestData.now + .seconds(2), recipientCount: 1,
            connection: ConnectionFacts(host: "mx.example.net"), route: "mx", outcomes: [outcome])
        _ = try await data.store.perform(.settle(settlement))
        return data
    }

    private func html(_ data: TestData, scopes: Set<AccessScope> = Role.helpDesk.scopes) async throws -> String {
        let rooms = Rooms(
            administration: data.administration(), checkOwnPassword: { _, _, _ in .busy }, now: { TestData.now + .seconds(60) })
        let names = Set(scopes.map(\.rawValue))
        let viewer = Viewer(
            name: "h@example.org", actor: "account:h@example.org", account: "h@example.org", roles: [], scopes: names, session: "s",
            formToken: "t")
        let request = PageRequest(
            viewer: viewer, path: "/trace/\(MessageAftermathTests.id)", values: ["message": MessageAftermathTests.id.description],
            query: FormValues(), peer: APIPeer(address: nil, isEncrypted: true))
        guard case .page(let page) = try await rooms.message.page(request) else { return "" }
        return page.blocks.compactMap { block in
            guard case .notice(let notice) = block else { return nil }
            return ([notice.title, notice.text] + notice.items + [notice.link?.href ?? ""]).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    @Test func theSentenceForTheSenderTheReportAndTheListAreSaid() async throws {
        let data = try await bounced()
        let without = try await html(data)
        #expect(without.contains("Tell the sender about b@example.net") && without.contains("This address does not exist at the receiver."))
        #expect(without.contains("No report to a@example.org is known") && without.contains("is not on the suppression list"))
        #expect(without.contains("example.net took mail of ours for 0 recipients") && without.contains("/explain?text=550"))
        // A report goes out with the settlement.
        try await data.accept(MessageAftermathTests.reportID, recipients: ["a@example.org"]) { fields in
            (fields.sender, fields.principal, fields.subject) = ("postern", "postern", "Undeliverable: hello")
            fields.receivedAt = TestData.now + .seconds(2)
        }
        _ = try await data.perform(AddSuppression(address: try #require(EmailAddress("b@example.net"))))
        let told = try await html(data)
        #expect(told.contains("A report went to a@example.org at") && told.contains("is on the suppression list"))
        // Who may not see the list is told nothing of it.
        #expect(try await !html(data, scopes: [.traceRead]).contains("suppression list"))
    }

    @Test func wordsThatNoRuleKnowsAreNotGuessedAt() async throws {
        let data = try await bounced(reply: SMTPReply(550, nil, "Zzz"))
        #expect(try await html(data).contains("No rule knows its words"))
    }

    @Test func everyClassHasASentenceWithoutWordsOfTheTrade() {
        for kind in ReplyClass.allCases {
            let text = kind.tellSender
            #expect(text.hasSuffix(".") && text.count > 40, "\(kind)")
            for word in ["suppress", "SPF", "DKIM", "DMARC", "relay", "MX", "DNS", "SMTP", "recipient_admin"] {
                #expect(!text.contains(word), "\(kind): \(word)")
            }
        }
    }
}

@Suite(.ownThreads) struct TraceWindowTests {
    @Test func whatTheWindowHidesIsCountedAndLinked() async throws {
        let data = try await TestData()
        let later = TestData.now + .seconds(5 * 86_400)
        for (offset, recipient, isBounced) in [(Int64(0), "b@example.net", true), (5 * 86_400 - 60, "c@example.net", false)] {
            let at = TestData.now + .seconds(offset)
            let id = MessageIDText.of(at: at)
            try await data.accept(id, recipients: [recipient]) { $0.receivedAt = at }
            let outcome = Settlement.Outcome(
                index: 0, oldState: .queued, newState: isBounced ? .bounced : .delivered, attempts: 1, dueAt: at, isWarned: false,
                reply: SMTPReply(isBounced ? 550 : 250, nil, "x"), stage: nil)
            let settlement = Settlement(
                tenant: .standard, message: id, at: at, recipientCount: 1, connection: ConnectionFacts(host: "mx.example.net"),
                route: "mx", outcomes: [outcome])
            _ = try await data.store.perform(.settle(settlement))
        }
        func notices(_ query: String) async throws -> [Notice] {
            let rooms = Rooms(administration: data.administration(), checkOwnPassword: { _, _, _ in .busy }, now: { later })
            let viewer = Viewer(
                name: "h", actor: "account:h@example.org", account: "h@example.org", roles: [], scopes: ["trace:read"], session: "s",
                formToken: "t")
            let request = PageRequest(
                viewer: viewer, path: "/trace", values: [:], query: try #require(FormValues(query)),
                peer: APIPeer(address: nil, isEncrypted: true))
            guard case .page(let page) = try await rooms.trace.page(request) else { return [] }
            return page.blocks.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
        }
        let found = try await notices("q=a%40example.org")
        #expect(found.map(\.title) == ["1 bounced earlier, in the last 30 days"])
        #expect(found.first?.link?.href.contains("status=bounced&hours=720") == true)
        let nothing = try await notices("q=b%40example.net")
        #expect(nothing.map(\.title) == ["1 earlier, in the last 30 days"])
        #expect(try await notices("q=a%40example.org&hours=720").isEmpty)
        #expect(try await notices("q=").isEmpty)
    }
}
