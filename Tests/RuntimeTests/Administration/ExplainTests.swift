import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct ExplainTests {
    private static let keys: Set<String> = ["provider", "class", "enhanced_code", "meaning", "who_acts", "retry", "advice", "rule"]

    private func fields(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aReplyIsExplainedWithoutADataDirectory() throws {
        let data = try TemporaryDirectory()
        let result = try PosternProcess.run(
            ["explain", "--json", "550 5.2.252 Sender throttled due to continuous send as denied errors."], data: data)
        #expect(result.code == 0, "\(result.error)")
        let answer = try fields(result.output)
        #expect(ExplainTests.keys.isSubset(of: answer.keys))
        #expect(answer["provider"] as? String == "exchange-online" && answer["class"] as? String == "error-throttle")
        #expect(answer["enhanced_code"] as? String == "5.2.252" && answer["retry"] as? String == "wait")
        #expect(answer["who_acts"] as? String == "sender_admin" && answer["rule"] as? String == "exchange-online.5.2.252-throttled")
        let unknown = try fields(try PosternProcess.run(["explain", "--json", "550 5.9.9 No, never"], data: data).output)
        #expect(unknown["class"] as? String == "unknown" && unknown["rule"] as? String == "")
        #expect(ExplainTests.keys.isSubset(of: unknown.keys))
        // Words that were not quoted, and a person who reads.
        let text = try PosternProcess.run(["explain", "535", "5.7.139", "Authentication", "unsuccessful,", "basic"], data: data)
        #expect(text.output.contains("after_fix") && text.output.contains("exchange-online.5.7.139"))
    }

    @Test func aMessageIsToldAsAStory() async throws {
        let data = try await TestData()
        let id = MessageID(42)
        try await data.accept(id, recipients: ["b@example.net", "c@example.net"])
        let reply = SMTPReply(535, EnhancedStatusCode(5, 7, 139), "Authentication unsuccessful, basic authentication is disabled.")
        let outcomes = [
            Settlement.Outcome(
                index: 0, oldState: .queued, newState: .queued, attempts: 1, dueAt: TestData.now + .seconds(300), isWarned: false,
                reply: reply, stage: .auth, findings: [Finding(rule: "upstream.stopped", matched: "out", explanation: "The route stands.")]),
            Settlement.Outcome(
                index: 1, oldState: .queued, newState: .delivered, attempts: 1, dueAt: TestData.now, isWarned: false,
                reply: SMTPReply(250, nil, "OK"), stage: nil),
        ]
        let settlement = Settlement(
            tenant: .standard, message: id, at: TestData.now, recipientCount: 2,
            connection: ConnectionFacts(host: "smtp.office365.com"), route: "out", outcomes: outcomes)
        _ = try await data.store.perform(.settle(settlement))
        let explanation = try await data.perform(Explain(text: "\(id)/0"))
        #expect(explanation.message == id.description)
        #expect(explanation.replyClass == "sign-in" && explanation.rule == "exchange-online.5.7.139-basic-authentication")
        let story = explanation.story.joined(separator: "\n")
        for part in [
            "account:a@example.org submitted \"hello\" for 2 recipients", "b@example.net was deferred on route out by smtp.office365.com",
            "The reply was: 535 5.7.139", "An authentication policy stops sign-in by password.",
            "The route stands. (upstream.stopped: out)",
            "b@example.net waits", "c@example.net is delivered, after 1 attempt",
        ] { #expect(story.contains(part), "\(part) is not in \(story)") }
    }

    @Test func whatWasRefusedHereIsToldWithItsFindings() async throws {
        let data = try await TestData()
        let reply = SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender")
        let finding = Finding(rule: "limit.external-per-hour", matched: "4+1/4", explanation: "kim has used 4 of 4.")
        _ = try await data.store.perform(
            .refuse(
                Refusal(
                    tenant: .standard, id: MessageID(9), at: TestData.now, principal: "account:kim@example.org",
                    reversePath: "kim@example.org", recipient: "b@example.net", subject: "", clientAddress: nil, reply: reply,
                    findings: [finding])))
        let explanation = try await data.perform(Explain(text: MessageID(9).description))
        #expect(explanation.replyClass == "refused-here" && explanation.rule == "limit.external-per-hour")
        #expect(explanation.story.count == 3 && explanation.story[0].hasSuffix("mail of kim@example.org to b@example.net was refused."))
        #expect(explanation.story[2] == "kim has used 4 of 4. (limit.external-per-hour: 4+1/4)")
    }

    @Test func whatIsNoKnownMessageIsAReply() async throws {
        let data = try await TestData()
        let explanation = try await data.perform(Explain(text: "06gw6xz0g0r00"))
        #expect(explanation.replyClass == "unknown" && explanation.message.isEmpty)
        try await data.accept(MessageID(7), recipients: ["b@example.net"])
        let waiting = try await data.perform(Explain(text: MessageID(7).description))
        #expect(waiting.replyClass == "none" && waiting.whoActs == "none" && waiting.story.count == 2)
    }

    @Test func theInterfaceExplainsToo() async throws {
        try await APIServer.run { server in
            let answer = try await server.call(
                "GET", "/v1/explain?text=550%205.1.90%20reached%20your%20daily%20limit%20for%20message%20recipients")
            #expect(answer.status == 200)
            #expect(answer.fields["class"] as? String == "daily-limit")
            #expect(try await server.call("GET", "/v1/explain").status == 400)
        }
    }
}
