import MailModel
import OutboundPolicy
import Testing

struct AlertReportTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func condition(_ subject: String, _ second: Int, stage: Int = 0, isOver: Bool = false) -> AlertCondition {
        AlertCondition(.limitNear, subject: subject, at: start + .seconds(second), text: "at \(second)", stage: stage, isOver: isOver)
    }

    @Test func conditionsOfOneSubjectAddUp() {
        var reports = AlertReports()
        reports.add(condition("a", 5, stage: 90))
        reports.add(condition("a", 3, stage: 80))
        reports.add(condition("b", 4))
        let all = reports.takeAll().sorted { $0.key.subject < $1.key.subject }
        #expect(all.map(\.hits) == [2, 1] && reports.isEmpty)
        #expect(all[0].stage == 90 && all[0].text == "at 3", "the latest to come in")
        #expect(all[0].firstAt == start + .seconds(3) && all[0].lastAt == start + .seconds(5))
    }

    @Test func theLastWordSaysWhetherItIsOver() {
        var reports = AlertReports()
        reports.add(condition("a", 1))
        reports.add(condition("a", 2, isOver: true))
        reports.add(condition("b", 1, isOver: true))
        reports.add(condition("b", 2))
        let all = reports.takeAll().sorted { $0.key.subject < $1.key.subject }
        #expect(all.map(\.isOver) == [true, false] && all.map(\.hits) == [1, 1])
        #expect(all[0].text == "at 1", "what it was, not that it is over")
    }

    @Test func manySubjectsTakeTheRoomOfAThousand() throws {
        var reports = AlertReports(subjectsMax: 1000)
        for number in 0..<20_000 { reports.add(condition("sender\(number)", 1)) }
        reports.add(condition("unknown", 1, isOver: true))
        #expect(reports.count == 1001)
        let others = try #require(reports.takeAll().first { $0.key.subject == AlertReport.others })
        #expect(others.hits == 19_000)
    }

    @Test func longTextsAreCut() {
        let finding = Finding(rule: "r", matched: "m", explanation: "e")
        let report = AlertReport(
            AlertCondition(
                .queueStuck, subject: "queue", at: start, text: String(repeating: "x", count: 100_000),
                findings: Array(repeating: finding, count: 1000)))
        #expect(report.text.count == 2000 && report.findings.count == 20)
    }

    @Test func whatTheStoreDidNotTakeStandsBeforeWhatCameMeanwhile() {
        var reports = AlertReports()
        reports.add(condition("a", 1))
        let taken = reports.takeAll()
        reports.add(condition("a", 9, isOver: true))
        reports.giveBack(taken)
        let all = reports.takeAll()
        #expect(all.count == 1 && all[0].hits == 1 && all[0].isOver && all[0].text == "at 1")
    }
}
