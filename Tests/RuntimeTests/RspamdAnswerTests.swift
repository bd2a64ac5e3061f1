import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct RspamdAnswerTests {
    private func answer(_ text: String) -> RspamdAnswer? { RspamdAnswer(Array(text.utf8)) }

    @Test func whatItSaysIsOneFindingInProportion() throws {
        let read = try #require(
            answer(
                """
                {"score": 7.5, "required_score": 15.0, "action": "add header", "symbols": {"B_GOOD": {"name": "B_GOOD", "score": -2.0},
                "A_BAD": {"score": 9.5, "options": ["x"]}, "NOTHING": {"score": 0.0}}, "messages": {}, "message-id": "x"}
                """))
        #expect(read.symbols.map(\.name) == ["A_BAD", "B_GOOD"])
        let finding = read.finding(weight: 8)
        #expect(finding.weight == 4 && finding.finding.rule == "scan.second-opinion")
        #expect(finding.finding.matched == "A_BAD 9.5 · B_GOOD -2.0")
        #expect(finding.finding.explanation == "rspamd gives it 7.5 of 15.0, and says: add header.")
    }

    @Test(arguments: [(score: "1000", weight: 12.0), (score: "-1000", weight: -2.0), (score: "15", weight: 8.0), (score: "0", weight: 0.0)])
    func itsWeightIsBounded(_ sample: (score: String, weight: Double)) throws {
        let read = try #require(answer("{\"score\": \(sample.score), \"required_score\": 15, \"action\": \"reject\"}"))
        #expect(read.finding(weight: 8).weight == sample.weight)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{\"score\": 1}", "{\"score\": 1, \"required_score\": 0, \"action\": \"x\"}",
        "{\"score\": \"1\", \"required_score\": 15, \"action\": \"x\"}", "{\"score\": 1e999, \"required_score\": 15, \"action\": \"x\"}",
        "{\"error\": \"no\"}",
    ])
    func whatIsNoAnswerIsNotRead(_ text: String) { #expect(answer(text) == nil) }

    @Test func nothingOfASenderCanAddAField() throws {
        let question = OpinionQuestion(
            content: Array("x".utf8), reversePath: .null, recipients: [try #require(EmailAddress("\"a b\"@example.net"))],
            sender: "a@example.org\r\nPassword: x")
        let post = question.post(SecondOpinion(url: "http://127.0.0.1"), password: "secret")
        #expect(post.fields.map(\.name) == ["From", "Rcpt", "Password"])
        #expect(post.fields.map(\.value) == ["<>", "\"a b\"@example.net", "secret"])
    }
}
