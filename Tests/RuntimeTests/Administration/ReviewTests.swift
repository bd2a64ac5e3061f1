import ContentReading
import ContentScan
import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// Held mail, on a real store.
@Suite(.ownThreads) struct ReviewTests {
    private func id(_ number: Int) -> MessageID {
        MessageID((TestData.now.milliseconds - MessageID.epoch.milliseconds) << 22 | Int64(number))
    }

    private func summary(_ kind: ScanKind) -> ScanSummary { ScanSummary(score: 6, kind: kind, findings: []) }

    private func finding(_ rule: String) -> Finding { Finding(rule: rule, matched: "", explanation: "because of \(rule)") }

    /// One of each reason, 1 to 5.
    private func held() async throws -> TestData {
        let data = try await TestData()
        try await data.accept(id(1), recipients: ["b@example.net", "c@example.net"], state: .held) { fields in
            (fields.scan, fields.pool) = (summary(.spam), .highRisk)
            fields.findings = [finding("pool.spam"), finding("pool.empty")]
        }
        try await data.accept(id(2), recipients: ["b@example.net"], state: .held) { fields in
            fields.scan = summary(.suspicious)
            fields.findings = [finding("scan.held-suspicious")]
        }
        try await data.accept(id(3), recipients: ["b@example.net"], state: .held) { $0.findings = [finding("pool.empty")] }
        try await data.accept(id(4), recipients: ["b@example.net"], state: .held) { $0.findings = [finding("limit.external-per-hour")] }
        try await data.accept(id(5), recipients: ["b@example.net"], state: .held)
        try await data.accept(id(6), recipients: ["b@example.net"])
        return data
    }

    @Test func theListSaysWhatEachIsHeldFor() async throws {
        let data = try await held()
        let all = try await data.perform(ListReview())
        #expect(all.messages.map(\.message) == [5, 4, 3, 2, 1].map { id($0).description } && all.next == nil)
        #expect(all.messages.map(\.reason) == [.person, .limit, .pool, .suspicious, .spam])
        #expect(all.messages.last?.held == 2 && all.messages.last?.pool == "high-risk")
        #expect(all.messages[3].text == "because of scan.held-suspicious" && all.messages[3].scan?.verdict == .suspicious)
        #expect(try await data.perform(ListReview(reason: .spam)).messages.map(\.message) == [id(1).description])
        let first = try await data.perform(ListReview(limit: 2))
        let second = try await data.perform(ListReview(from: first.next, limit: 2))
        #expect((first.messages + second.messages).map(\.message) == all.messages.prefix(4).map(\.message) && second.next != nil)
    }

    @Test func whatIsLetGoKeepsItsPoolAndWhatIsRejectedIsCancelled() async throws {
        let data = try await held()
        let released = try await data.perform(DecideReview(messages: [id(1), id(2), id(6)], decision: .release))
        #expect(released.messages == 2 && released.recipients == 3 && released.notices == 0)
        let spam = try await data.store.read { [id] in try $0.message(id(1)) }
        #expect(spam?.record.pool == .highRisk && spam?.recipients.map(\.state) == [.queued, .queued])
        let unsaid = await #expect(throws: AdministrationError.self) {
            try await data.administration().perform(
                DecideReview(messages: [self.id(3)], decision: .reject), Act(actor: "local:x", reason: "", at: TestData.now))
        }
        #expect(unsaid?.problem == "there is no reason")
        let rejected = try await data.perform(DecideReview(messages: [id(3), id(4)], decision: .reject))
        #expect(rejected.recipients == 2 && rejected.notices == 0)
        #expect(rejected.withoutNotice.count == 2 && rejected.withoutNotice[0].contains("no gate runs"))
        #expect(try await data.perform(ListReview()).messages.map(\.message) == [id(5).description])
        let audit = try await data.perform(ListAudit(limit: 20)).map(\.action)
        #expect(audit.count { $0 == "review.release" } == 3 && audit.count { $0 == "review.reject" } == 2)
    }

    @Test func aPreviewIsTextAlone() async throws {
        let data = try await TestData()
        let html =
            "<html><body onload=\"x()\"><script>alert(1)</script><p>Dear \u{202E}reader</p><a href=\"http://evil.example/pay\">https://bank.example/</a>"
            + "<img src=\"http://track.example/p.gif\" width=1 height=1><span style=\"display:none\">unseen words</span></body></html>"
        let content =
            "From: Bank <b@bank.example>\r\nTo: c@example.net\r\nSubject: pay\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            + "--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\(html)\r\n--x\r\nContent-Type: application/pdf; name=\"bill\u{7}.pdf\"\r\n"
            + "Content-Disposition: attachment; filename=\"bill.pdf\"\r\n\r\nabc\r\n--x--\r\n"
        try await data.accept(id(1), recipients: ["b@example.net"], state: .held, content: content)
        let detail = try await data.perform(ShowReview(message: id(1)))
        let preview = try #require(detail.preview)
        #expect(preview.text.contains("Dear reader") && !preview.text.contains("alert") && !preview.text.contains("unseen"))
        #expect(preview.hidden.contains("unseen words"))
        let link = try #require(preview.links.first { $0.kind == "link" })
        #expect(link.text == "https://bank.example/" && link.target == "http://evil.example/pay" && link.host == "evil.example")
        #expect(preview.links.contains { $0.kind == "picture" && $0.host == "track.example" })
        #expect(preview.files.map(\.type) == ["application/pdf"] && preview.fields.map(\.name) == ["From", "To", "Subject"])
        #expect(detail.recipients == ["b@example.net"])
        #expect(try await data.perform(ListAudit(limit: 5)).first?.action == "review.show")
        await #expect(throws: AdministrationError.self) { try await data.perform(ShowReview(message: self.id(2))) }
    }

    @Test func aCopyForTheReviewerHoldsTheMessageAsItIs() throws {
        let content = "Subject: x\r\n\r\nGrüße\r\n"
        var record = MessageRecord(
            tenant: .standard, id: id(1), receivedAt: TestData.now, trafficClass: .personal, sender: "a@example.org", principal: "",
            reversePath: .null, envelopeID: nil, dsnReturn: nil, body: .eightBit, isInternationalized: false, headerFrom: "",
            subject: "pay\r\nBcc: x@y.example", headerMessageID: "", sizeBytes: 0, clientAddress: nil, clientName: "", submissionTLS: nil,
            pool: .normal, onlyRoute: nil, findings: [], expiresAt: TestData.now, warnAt: nil, recipientCount: 1)
        record.fields.scan = ScanSummary(
            score: 6, kind: .suspicious,
            findings: [ScoredFinding(finding: Finding(rule: "scan.x", matched: "m", explanation: "It looks odd."), weight: 6)])
        let mail = ReviewCopy(record: record, content: Array(content.utf8), reviewer: EmailAddress("review@example.org")!).mail
        let header = OwnMail.Header(
            from: "Postern <postmaster@gate.example.org>", subject: mail.subject, hostName: DomainName("gate.example.org")!,
            first: Array("Date: x\r\nMessage-ID: <y@z>\r\n".utf8), seed: "seed1")
        let written = try #require(mail.content(header))
        let text = String(decoding: written, as: UTF8.self)
        #expect(mail.isEightBit && mail.subject == "[suspicious] pay Bcc: x@y.example")
        #expect(text.contains("Auto-Submitted: auto-generated") && !text.contains("\r\nBcc:"))
        #expect(text.contains("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit"))
        #expect(text.contains("\r\n\r\n\(content)\r\n--review-seed1--\r\n"))
        let read = ContentReader().facts(written).content
        #expect(String(decoding: read.plain, as: UTF8.self).contains("It looks odd."))
    }
}
