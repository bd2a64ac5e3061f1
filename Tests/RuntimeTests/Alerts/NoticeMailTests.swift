import InternetMessage
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct NoticeMailTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func mail(_ condition: AlertCondition, further: [AlertCondition] = [], word: String? = nil) throws -> NoticeMail {
        var report = AlertReport(condition)
        for other in further { report.add(AlertReport(other)) }
        var incident = try #require(Incident(report, id: "abc"))
        _ = incident.reported(report, policy: .builtIn(condition.kind), noticesToday: 0, at: start)
        return NoticeMail(
            hostName: try #require(DomainName("gate.example.org")), from: try #require(EmailAddress("postmaster@gate.example.org")),
            incident: incident, senderText: word)
    }

    private func text(_ mail: NoticeMail) throws -> String {
        let to = try #require(EmailAddress("soc@example.net"))
        let content = try #require(mail.content(to: to, messageID: "1@gate.example.org", at: start, boundarySeed: "x"))
        return String(decoding: content, as: UTF8.self).replacing("=\r\n", with: "").replacing("=3D", with: "=")
    }

    @Test func itSaysWhatHappenedTheNumbersAndWhatToDo() throws {
        let condition = AlertCondition(
            .limitExceeded, subject: "sender:a@example.org", at: start, text: "a@example.org sent to 501 recipients; 500 are allowed.",
            advice: "Look at it: postern limits show a@example.org",
            findings: [Finding(rule: "limit.day", matched: "501/500", explanation: "It is over.")], stage: 100)
        var second = condition
        second.at = start + .seconds(60)
        let text = try text(mail(condition, further: [second]))
        for words in [
            "Subject: [medium] Sending limit exceeded: sender:a@example.org\r\n",
            "a@example.org sent to 501 recipients; 500 are allowed.\r\n",
            "What to do: Look at it: postern limits show a@example.org\r\n", "Since      2027-01-15 08:00:00 UTC\r\n",
            "Last       2027-01-15 08:01:00 UTC\r\n", "Reported   2 times\r\n", "Reached    100 %\r\n", "limit.day [501/500]",
            "postern alerts acknowledge abc --reason TEXT", "Auto-Submitted: auto-generated\r\n",
            "References: <alert.abc@gate.example.org>\r\n", "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n",
        ] {
            #expect(text.contains(words), "\(words)")
        }
    }

    @Test func theEndIsSaidAsSuch() throws {
        let condition = AlertCondition(.queueStuck, subject: "queue", at: start, text: "10 recipients wait.")
        var end = condition
        end.isOver = true
        let mail = try mail(condition, further: [end])
        #expect(mail.subject == "[over] Mail is delayed: queue")
        let text = try text(mail)
        #expect(text.contains("This is over since") && text.contains("What it was: 10 recipients wait.") && !text.contains("acknowledge"))
    }

    @Test func aSenderReadsNothingOfAdministration() throws {
        let condition = AlertCondition(
            .limitNear, subject: "sender:a@example.org", at: start, text: "near", advice: "postern limits show a")
        let text = try text(mail(condition, word: "You have used 80 % of your limit."))
        #expect(text.contains("Subject: Your mail through gate.example.org\r\n") && text.contains("You have used 80 % of your limit."))
        #expect(!text.contains("postern "))
    }

    @Test func noNameOfAStrangerMakesAField() throws {
        let condition = AlertCondition(
            .suspiciousSender, subject: "a\r\nBcc: x@example.net\r\n\r\nbody", at: start, text: "x\r\n.\r\ny\u{0}")
        let written = try text(mail(condition))
        let content = Array(written.utf8)
        let header = try HeaderSection.scan(content).get()
        #expect(header.first("subject", in: content) != nil && header.first("bcc", in: content) == nil)
        #expect(try mail(condition).subject == "[medium] Suspicious sending: a Bcc: x@example.net  body")
    }
}
