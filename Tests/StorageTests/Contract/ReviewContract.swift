import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What reading messages in their order promises on every driver.
@Suite(.ownThreads) struct ReviewContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StoreDriver.all)
    func messagesComeNewestFirstOverDays(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let times = [Sample.start, Sample.start + .seconds(86_400), Sample.start + .seconds(3 * 86_400)]
        for time in times { try store.commit(.accept(Sample.message(1, at: time))) }
        let ids = times.map { Sample.id(1, at: $0) }
        #expect(try store.messages(from: MessageID(0), through: MessageID(.max), limit: 10).map(\.id) == Array(ids.reversed()))
        #expect(try store.messages(from: MessageID(0), through: MessageID(.max), limit: 2).map(\.id) == [ids[2], ids[1]])
        #expect(try store.messages(from: ids[0], through: ids[1], limit: 10).map(\.id) == [ids[1], ids[0]])
        #expect(try store.messages(from: ids[1], through: MessageID(ids[2].value - 1), limit: 10).map(\.id) == [ids[1]])
        #expect(try store.messages(from: ids[2], through: ids[0], limit: 10).isEmpty)
        #expect(try store.messages(from: ids[1], through: ids[1], limit: 1).first == (try store.message(ids[1])?.record))
    }

    @Test(arguments: StoreDriver.all)
    func heldMessagesStandOnceWithTheirHeldRecipients(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, to: ["a@x.example", "b@x.example"], state: .held)))
        try store.commit(.accept(Sample.message(2, to: ["a@x.example"])))
        var half = Sample.message(3, to: ["a@x.example", "b@x.example", "c@x.example"])
        half.recipients[1].state = .held
        try store.commit(.accept(half))
        let held = try store.heldMessages(through: MessageID(.max), limit: 10)
        #expect(held.map(\.record.id) == [Sample.id(3), Sample.id(1)] && held.map(\.held) == [1, 2])
        #expect(try store.heldMessages(through: MessageID(.max), limit: 1).map(\.record.id) == [Sample.id(3)])
        #expect(try store.heldMessages(through: Sample.id(2), limit: 10).map(\.record.id) == [Sample.id(1)])
        #expect(held.first?.record == half.record)
    }
}
