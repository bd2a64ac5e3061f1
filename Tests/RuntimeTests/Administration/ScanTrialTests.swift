import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// The dry run of changed weights, on a real store.
@Suite(.ownThreads) struct ScanTrialTests {
    private func id(_ number: Int, daysAgo: Int = 0) -> MessageID {
        let time = TestData.now - .seconds(Int64(daysAgo) * 86_400 + 60)
        return MessageID((time.milliseconds - MessageID.epoch.milliseconds) << 22 | Int64(number))
    }

    private func summary(_ score: Double, _ kind: ScanKind, _ rule: String) -> ScanSummary {
        ScanSummary(
            score: score, kind: kind,
            findings: [ScoredFinding(finding: Finding(rule: "scan.\(rule)", matched: "", explanation: "x"), weight: score)])
    }

    private func trial(_ weights: [String: Double], from: MessageID? = nil, limit: Int? = nil, days: Int = 7) -> TryScanPolicy {
        var changes = ScanPolicyChanges()
        changes.weights = weights.map { ScanWeightChange(rule: $0.key, weight: $0.value) }
        return TryScanPolicy(changes: changes, since: TestData.now - .seconds(Int64(days) * 86_400), from: from, limit: limit)
    }

    @Test func itNamesTheMessagesThatWouldBeJudgedDifferently() async throws {
        let data = try await TestData()
        for number in 0..<8 {
            try await data.accept(id(number), recipients: ["b@example.net"]) { fields in
                fields.scan = number == 3 ? summary(5, .suspicious, "attachment.executable") : summary(1.5, .clean, "links.shortener")
                fields.subject = "number \(number)"
            }
        }
        try await data.accept(id(1, daysAgo: 8), recipients: ["b@example.net"]) { $0.scan = summary(1.5, .clean, "links.shortener") }
        let none = try await data.perform(trial(["html.form": 20]))
        #expect(none.looked == 8 && none.unknown == 0 && none.changes.isEmpty && none.next == nil)
        let one = try await data.perform(trial(["attachment.executable": 9]))
        #expect(one.changes.map(\.subject) == ["number 3"])
        let change = try #require(one.changes.first)
        #expect(change.was == .suspicious && change.becomes == .spam && change.wasScore == 5 && change.score == 9)
        #expect(change.because.map(\.rule) == ["scan.attachment.executable"] && change.because.map(\.weight) == [9])
        #expect(try await data.perform(trial(["links.shortener": 6])).changes.count == 7)
        #expect(try await data.perform(trial(["links.shortener": 6], days: 9)).changes.count == 8)
        #expect(try await data.perform(ShowScanPolicy()) == ScanPolicyView(nil), "nothing is changed")
    }

    @Test func partsAddUpToTheWhole() async throws {
        let data = try await TestData()
        for number in 0..<25 {
            try await data.accept(id(number), recipients: ["b@example.net"]) { $0.scan = summary(1.5, .clean, "links.shortener") }
        }
        let whole = try await data.perform(trial(["links.shortener": 6]))
        var all: ScanTrialPart?
        var next: MessageID?
        var parts = 0
        repeat {
            let part = try await data.perform(trial(["links.shortener": 6], from: next, limit: 10))
            next = part.next
            parts += 1
            if all == nil { all = part } else { all?.add(part) }
        } while next != nil
        #expect(all == whole && parts == 3 && whole.looked == 25)
        await #expect(throws: AdministrationError.self) { try await data.perform(trial([:], limit: 1001)) }
    }

    @Test func whatWasNotScannedIsJudgedByItsContentAsLongAsThatIsKept() async throws {
        let data = try await TestData()
        let content =
            "From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"a.exe\"\r\n"
            + "Content-Disposition: attachment; filename=\"a.exe\"\r\n\r\nMZ\r\n"
        try await data.accept(id(1), recipients: ["b@example.net"], content: content)
        try await data.accept(id(2), recipients: ["b@example.net"], content: content)
        _ = try await data.perform(ActOnQueue(verb: .cancel, filter: filter(id(2))))
        let trial = try await data.perform(trial(["attachment.executable": 0]))
        #expect(trial.looked == 1 && trial.unknown == 1)
        #expect(trial.changes.map(\.message) == [id(1).description] && trial.changes.map(\.was) == [.suspicious])
    }

    private func filter(_ id: MessageID) -> QueueFilter {
        var filter = QueueFilter()
        filter.message = id
        return filter
    }
}
