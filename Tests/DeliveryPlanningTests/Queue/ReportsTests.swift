import DeliveryPlanning
import MailModel
import Testing

@Suite struct ReportsTests {
    /// One attempt on one recipient at `seconds`; the lines that are reports.
    private func reports(
        _ result: RecipientResult, notify: DSNNotify?, from sender: String = "s@home.test", at seconds: Int64 = 0,
        reportsSuccessItself: Bool = false
    ) -> [String] {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test", from: sender, notify: notify)
        _ = bench.ready(1)
        _ = bench.pass(seconds)
        return bench.ended(1, result, reportsSuccessItself: reportsSuccessItself).filter { $0.hasPrefix("report") }
    }

    static let failures: [(notify: DSNNotify?, isReported: Bool)] = [
        (nil, true), ([], false), (.failure, true), (.success, false), (.delay, false), ([.success, .failure, .delay], true),
        ([.success, .delay], false),
    ]

    @Test(arguments: failures) func failuresAreReportedToThoseWhoWantIt(row: (notify: DSNNotify?, isReported: Bool)) {
        #expect(reports(.refused, notify: row.notify) == (row.isReported ? ["report failed a@relayed.test"] : []))
        #expect(reports(.later, notify: row.notify, at: 1000) == (row.isReported ? ["report failed a@relayed.test"] : []))
    }

    static let delays: [(notify: DSNNotify?, isReported: Bool)] = [
        (nil, true), ([], false), (.failure, false), (.success, false), (.delay, true), ([.success, .failure, .delay], true),
    ]

    @Test(arguments: delays) func delaysAreReportedToThoseWhoWantIt(row: (notify: DSNNotify?, isReported: Bool)) {
        #expect(reports(.later, notify: row.notify, at: 250) == (row.isReported ? ["report delayed a@relayed.test"] : []))
        #expect(reports(.later, notify: row.notify, at: 249) == [])
    }

    static let successes: [(notify: DSNNotify?, isReported: Bool)] = [
        (nil, false), ([], false), (.failure, false), (.success, true), ([.success, .failure, .delay], true),
    ]

    @Test(arguments: successes) func successIsReportedWhereAskedForAndNotDoneByTheReceiver(row: (notify: DSNNotify?, isReported: Bool)) {
        #expect(reports(.taken, notify: row.notify) == (row.isReported ? ["report relayed a@relayed.test"] : []))
        #expect(reports(.taken, notify: row.notify, reportsSuccessItself: true) == [])
    }

    @Test(arguments: [nil, [], [.success, .failure, .delay]] as [DSNNotify?]) func nothingIsEverReportedToANullReversePath(
        notify: DSNNotify?
    ) {
        for (result, seconds) in [(RecipientResult.refused, Int64(0)), (.later, 250), (.later, 1000), (.taken, 0)] {
            #expect(reports(result, notify: notify, from: "", at: seconds) == [])
        }
    }

    @Test func aDelayIsReportedOnce() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        _ = bench.pass(250)
        #expect(bench.ended(1, .later) == ["m1 r0 queued due 350 after 1", "report delayed a@relayed.test"])
        _ = bench.pass(100)
        _ = bench.claimedAgain()
        _ = bench.ready(2)
        #expect(bench.ended(2, .later) == ["m1 r0 queued due 550 after 2"])
    }

    @Test func theLastAttemptIsMadeWhenTheTimeIsUp() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        _ = bench.pass(950)
        #expect(bench.ended(1, .later).first == "m1 r0 queued due 1000 after 1")
        #expect(bench.pass(50).contains("claim 100"))
        _ = bench.claimedAgain()
        _ = bench.ready(2)
        #expect(bench.ended(2, .later) == ["m1 r0 expired", "report failed a@relayed.test"])
        #expect(bench.settlements.last?.settlement.outcomes.first?.findings.map(\.rule) == ["queue.expired"])
    }

    @Test func whatArrivesInItsLastAttemptIsDelivered() {
        var bench = QueueBench()
        let message = bench.message(["a@relayed.test"])
        _ = bench.pass(5000)
        _ = bench.claimed(message, attempts: 3)
        _ = bench.ready(1)
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
    }

    @Test func oneReportNamesAllRecipientsOfItsKind() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test", "b@relayed.test", "c@relayed.test", notify: [.success, .failure])
        _ = bench.ready(1)
        let lines = bench.ended(1, .refused, .taken, .refused)
        #expect(lines.suffix(2) == ["report failed a@relayed.test c@relayed.test", "report relayed b@relayed.test"])
    }

    @Test func aReportHasTheReceiversWordsAndTheContent() throws {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test", bytes: 7)
        _ = bench.ready(1)
        _ = bench.ended(1, .refused)
        let order = try #require(bench.settlements.last)
        let reported = try #require(order.reports.first?.recipients.first)
        #expect(order.content?.count == 7)
        #expect(reported.reply.description == "550 5.1.1 No such user")
        #expect(!reported.isLocal)
        #expect(reported.stage == .recipient)
        #expect(reported.attempts == 1)
        #expect(reported.state == .bounced)
    }
}
