import MailModel
import OutboundPolicy
import Testing

struct IncidentTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let policy = AlertPolicy.builtIn(.limitExceeded)

    private func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

    private func report(_ seconds: Int, hits: Int = 1, stage: Int = 0, isOver: Bool = false) -> AlertReport {
        var reports = AlertReports()
        for hit in 0..<max(hits, 1) {
            reports.add(
                AlertCondition(
                    .limitExceeded, subject: "a@example.org", at: at(seconds), text: "\(hit + 1) too many", stage: stage, isOver: isOver))
        }
        return reports.takeAll()[0]
    }

    /// Reports at seconds, in order; the seconds at which notices fall due.
    private func notices(_ incident: inout Incident, _ seconds: some Sequence<Int>, policy: AlertPolicy? = nil) -> [Int] {
        seconds.flatMap { second in
            incident.reported(report(second), policy: policy ?? self.policy, noticesToday: 0, at: at(second)).map(due)
        }
    }

    private func due(_ order: NoticeOrder) -> Int {
        guard case .people(_, let dueAt) = order else { return -1 }
        return Int((dueAt - start).milliseconds / 1000)
    }

    private func opened() throws -> Incident {
        var incident = try #require(Incident(report(0), id: "one"))
        #expect(incident.reported(report(0), policy: policy, noticesToday: 0, at: start) == [.people(number: 1, dueAt: start)])
        return incident
    }

    @Test func aThousandConditionsAreOneNotice() throws {
        let thousand = report(0, hits: 1000)
        var incident = try #require(Incident(thousand, id: "one"))
        #expect(incident.reported(thousand, policy: policy, noticesToday: 0, at: start) == [.people(number: 1, dueAt: start)])
        for _ in 0..<1000 { #expect(incident.reported(report(59), policy: policy, noticesToday: 0, at: at(59)) == []) }
        #expect(incident.hits == 2000 && incident.noticeCount == 1)
        #expect(incident.text == "1 too many" && incident.firstAt == start && incident.lastAt == at(59))
    }

    @Test func furtherNoticesComeInStepsThatGrow() throws {
        var incident = try opened()
        #expect(notices(&incident, 1...59) == [])
        #expect(notices(&incident, 60...60 + 239) == [60])
        #expect(notices(&incident, 300...300 + 959) == [300])
        #expect(notices(&incident, stride(from: 1260, to: 2 * 86_400, by: 10)) == [1260, 5100, 20_460, 81_900, 168_300])
    }

    @Test func aDayOfConditionsIsFewNotices() throws {
        var incident = try opened()
        #expect(notices(&incident, stride(from: 0, through: 86_400, by: 1)).count <= 7)
    }

    @Test func aHigherStageIsToldOnceTheWindowIsOver() throws {
        var incident = try #require(Incident(report(0, stage: 80), id: "one"))
        _ = incident.reported(report(0, stage: 80), policy: policy, noticesToday: 0, at: start)
        #expect(incident.reported(report(10, stage: 90), policy: policy, noticesToday: 0, at: at(10)).map(due) == [60])
        #expect(incident.reported(report(11, stage: 95), policy: policy, noticesToday: 0, at: at(11)) == [], "one is to go out already")
        #expect(incident.reported(report(12, stage: 85), policy: policy, noticesToday: 0, at: at(12)) == [])
        #expect(incident.stage == 95)
        #expect(incident.reported(report(500, stage: 100), policy: policy, noticesToday: 0, at: at(500)).map(due) == [500])
    }

    @Test func whoWorksOnItIsLeftAloneUnlessItGetsWorse() throws {
        var incident = try opened()
        #expect(incident.acknowledged(by: "account:b@example.org", reason: "looking", at: at(5)) == true)
        #expect(notices(&incident, stride(from: 60, to: 86_400, by: 60)) == [])
        #expect(incident.state == .acknowledged && incident.hits > 1000)
        #expect(incident.reported(report(90_000, stage: 90), policy: policy, noticesToday: 0, at: at(90_000)).map(due) == [90_000])
    }

    @Test func theEndIsToldToThoseWhoWereToldOfTheBegin() throws {
        var incident = try opened()
        #expect(incident.reported(report(10, isOver: true), policy: policy, noticesToday: 0, at: at(10)).map(due) == [60])
        #expect(incident.state == .resolved && incident.ending == .over && incident.hits == 1)
        #expect(incident.reported(report(11, isOver: true), policy: policy, noticesToday: 0, at: at(11)) == [])
        #expect(Incident(report(0, isOver: true), id: "two") == nil, "nobody knows of it")
    }

    @Test func whatComesAndGoesIsOneAlert() throws {
        var incident = try opened()
        var told = 0
        for second in stride(from: 1, to: 600, by: 2) {
            told += incident.reported(report(second, isOver: true), policy: policy, noticesToday: 0, at: at(second)).count
            let again = report(second + 1)
            try #require(incident.takes(again, policy: policy, at: at(second + 1)))
            told += incident.reported(again, policy: policy, noticesToday: 0, at: at(second + 1)).count
        }
        #expect(told <= 11, "one for each window")
        #expect(incident.state == .new && incident.endedAt == nil)
    }

    @Test func quietEndsItAtTheEndOfItsTime() throws {
        var incident = try opened()
        #expect(incident.timePassed(policy, at: at(3599)) == false)
        #expect(incident.timePassed(policy, at: at(3600)) == true)
        #expect(incident.ending == .quiet)
        #expect(incident.timePassed(policy, at: at(9999)) == false)
        #expect(incident.takes(report(7199), policy: policy, at: at(7199)))
        #expect(!incident.takes(report(7200), policy: policy, at: at(7200)), "that is another one")
        var restricted = try #require(Incident(AlertReport(AlertCondition(.senderRestricted, subject: "a", at: start, text: "x")), id: "r"))
        #expect(restricted.timePassed(.builtIn(.senderRestricted), at: at(86_400 * 100)) == false, "it has to be said")
    }

    @Test func whatAPersonResolvedComesBackAsAnother() throws {
        var incident = try opened()
        #expect(incident.resolved(by: "local:root", reason: "password changed", at: at(10)) == true)
        #expect(incident.resolved(by: "local:root", reason: "again", at: at(11)) == false)
        #expect(incident.acknowledged(by: "local:root", reason: "", at: at(11)) == false)
        #expect(incident.reason == "password changed" && incident.ending == .person)
        #expect(!incident.takes(report(12), policy: policy, at: at(12)))
    }

    @Test func theDaysLimitHoldsNoticesBackAndCountsThem() throws {
        var incident = try #require(Incident(report(0), id: "one"))
        #expect(incident.reported(report(0), policy: policy, noticesToday: 100, at: start) == [])
        #expect(incident.withheld == 1 && incident.noticeCount == 0)
        #expect(incident.reported(report(60), policy: policy, noticesToday: 99, at: at(60)).map(due) == [60])
    }

    @Test func aSenderHasItsWordWhereThePolicySaysSo() throws {
        let address = try #require(EmailAddress("a@example.org"))
        let word = SenderWord(to: address, occasion: "external-hour/7", text: "You have used 80 % of your limit.")
        let report = AlertReport(AlertCondition(.limitNear, subject: "a", at: start, text: "x", stage: 80, senderWord: word))
        var incident = try #require(Incident(report, id: "one"))
        let said = incident.reported(report, policy: .builtIn(.limitNear), noticesToday: 0, at: start)
        #expect(said.first == .sender(AlertReport.StagedWord(word: word, stage: 80)))
        var silent = AlertPolicyChange(kind: .limitNear)
        silent.tellsSender = false
        var other = try #require(Incident(report, id: "two"))
        let policy = silent.applied(to: .builtIn(.limitNear))
        #expect(other.reported(report, policy: policy, noticesToday: 0, at: start) == [.people(number: 1, dueAt: start)])
    }
}
