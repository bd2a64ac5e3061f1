import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What is known of our own reputation, on every driver.
@Suite(.ownThreads) struct ReputationContract {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func check(_ subject: String, _ list: String, isBad: Bool) -> ReputationCheck {
        ReputationCheck(
            key: ReputationCheck.Key(subject: subject, list: list), isBad: isBad, since: Sample.start, at: Sample.start, text: "said")
    }

    private func event(_ check: ReputationCheck, after seconds: Int) -> ReputationEvent {
        ReputationEvent(key: check.key, at: Sample.start + .seconds(seconds), isBad: check.isBad, text: "said")
    }

    @Test(arguments: StoreDriver.all)
    func looksAndChangesAreKept(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let (one, other) = (check("198.51.100.7", "spamhaus-zen", isBad: true), check("example.org", "spamhaus-dbl", isBad: false))
        #expect(try store.affected(.reputation(.looked(put: [one, other], drop: [], events: [event(one, after: 0)]))) == 1)
        #expect(try store.reputationChecks() == [one, other])
        let clear = check("198.51.100.7", "spamhaus-zen", isBad: false)
        #expect(try store.affected(.reputation(.looked(put: [clear], drop: [other.key], events: [event(clear, after: 60)]))) == 1)
        #expect(try store.reputationChecks() == [clear])
        #expect(try store.reputationEvents(before: nil, limit: 10).map(\.isBad) == [false, true])
        #expect(try store.reputationEvents(before: Sample.start + .seconds(60), limit: 10).map(\.isBad) == [true])
        #expect(try store.affected(.reputation(.tidy(before: Sample.start + .seconds(30), figuresBefore: 0))) == 1)
        #expect(try store.reputationEvents(before: nil, limit: 10).count == 1)
    }

    @Test(arguments: StoreDriver.all)
    func figuresOfADayAreReplaced(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var figure = ReputationFigure(source: .snds, day: 20_000, subject: "198.51.100.7")
        figure.complaintPercent = 0.3
        var later = figure
        later.day = 20_001
        #expect(try store.affected(.reputation(.figures([figure, later]))) == 2)
        figure.complaintPercent = 0.1
        #expect(try store.affected(.reputation(.figures([figure]))) == 1)
        #expect(try store.reputationFigures(.snds, since: 20_000, limit: 10) == [later, figure])
        #expect(try store.reputationFigures(.snds, since: 20_001, limit: 10) == [later])
        #expect(try store.reputationFigures(.postmaster, since: 0, limit: 10).isEmpty)
    }
}
