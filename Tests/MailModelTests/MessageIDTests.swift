import MailModel
import Testing

@Suite struct MessageIDTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test func theTextFormReadsBackAsTheSameIdentifier() {
        var random = SeededGenerator(2)
        for value in [0, 1, Int64.max] + (0..<2000).map({ _ in Int64.random(in: 0...Int64.max, using: &random) }) {
            let id = MessageID(value)
            #expect(id.description.utf8.count == 13)
            #expect(MessageID(id.description) == id)
            #expect(MessageID(id.description.uppercased()) == id)
        }
    }

    /// A list that is sorted as text is sorted by time.
    @Test func textFormsSortAsTheIdentifiersDo() {
        var random = SeededGenerator(3)
        let ids = (0..<500).map { _ in MessageID(Int64.random(in: 0...Int64.max, using: &random)) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }

    @Test(arguments: [
        "", "0", "00000000000000", "000000000000", "000000000000i", "000000000000l", "000000000000o", "000000000000u", "000000000000-",
        "8000000000000", "zzzzzzzzzzzzz", "00000000000é",
    ])
    func whatIsNoIdentifierIsNotRead(text: String) { #expect(MessageID(text) == nil) }

    @Test func anIdentifierKnowsWhenItWasMade() {
        var source = MessageIDSource(node: 3)
        let id = source.next(at: start + .milliseconds(7))
        #expect(id.time == start + .milliseconds(7))
        #expect(id.day == start.day)
    }

    @Test func identifiersRiseAndNeverRepeatWhateverTheClockDoes() {
        var random = SeededGenerator(4)
        var source = MessageIDSource(node: 255)
        var last = MessageID(-1)
        var now = start
        for _ in 0..<20_000 {
            now = now + .milliseconds(Int64.random(in: -3...3, using: &random))
            let id = source.next(at: now)
            #expect(id > last)
            last = id
        }
    }

    @Test func moreIdentifiersInAMillisecondThanItHasNumbersRunIntoTheNext() {
        var source = MessageIDSource(node: 0)
        let ids = (0...(1 << 14)).map { _ in source.next(at: start) }
        #expect(Set(ids).count == ids.count)
        #expect(ids[(1 << 14) - 1].time == start)
        #expect(ids[1 << 14].time == start + .milliseconds(1))
        #expect(source.next(at: start) > ids[1 << 14])
    }

    @Test func aRestartUnderAClockSetBackGoesOnBehindTheNewestIdentifier() {
        var before = MessageIDSource(node: 1)
        let newest = before.next(at: start)
        var after = MessageIDSource(node: 1, notBefore: newest)
        #expect(after.next(at: start - .seconds(3600)) > newest)
    }

    @Test func nodesDoNotShareIdentifiers() {
        var first = MessageIDSource(node: 1)
        var second = MessageIDSource(node: 2)
        #expect(first.next(at: start) != second.next(at: start))
    }

    @Test func aTimeBeforeTheZeroIsTakenAsTheZero() {
        var source = MessageIDSource(node: 1)
        #expect(source.next(at: Timestamp(seconds: 0)).time == MessageID.epoch)
    }

    @Test func recipientsSortByMessageThenPosition() {
        let ids = [
            RecipientID(tenant: .standard, message: MessageID(1), index: 0),
            RecipientID(tenant: .standard, message: MessageID(1), index: 2),
            RecipientID(tenant: .standard, message: MessageID(2), index: 1),
            RecipientID(tenant: TenantID(2), message: MessageID(0), index: 0),
        ]
        #expect(ids.shuffled().sorted() == ids)
        #expect(ids[1].description == "0000000000001/2")
    }
}
