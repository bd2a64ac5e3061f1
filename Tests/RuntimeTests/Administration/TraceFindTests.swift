import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct TraceFindTests {
    private static let id = MessageIDText.of(at: TestData.now)

    /// A message from a@example.org with the subject `hello` and the Message-ID m@example.org.
    private func filled() async throws -> TestData {
        let data = try await TestData()
        try await data.accept(TraceFindTests.id, recipients: ["bob@x.net", "eve@y.net"])
        return data
    }

    @Test(arguments: [
        ("a@example.org", TraceReading.address, 2), ("BOB@x.net", .address, 1), ("m@example.org", .messageID, 2),
        ("<m@example.org>", .messageID, 2), ("<m@exa", .messageIDBeginning, 2), ("m@", .messageIDBeginning, 2), ("y.net", .domain, 1),
        ("@example.org", .domain, 2), ("hello", .words, 2), ("hel", .words, 2), ("  hello  ", .words, 2), ("", .all, 2),
        ("\(id)", .message, 2), ("\(id)/1", .message, 2), ("nothing here", .words, 0), ("nobody@x.net", .address, 0),
        ("a@example.org x.net", .fromTo, 1), ("a@example.org @y.net", .fromTo, 1), ("bob@x.net a@example.org", .toFrom, 1),
        ("example.org eve@y.net", .fromTo, 1), ("a@example.org nowhere.net", .fromTo, 0), ("example.org x.net", .words, 0),
        ("connector:erp", .address, 0), ("R\(id)", .reference, 0), ("5.1.1", .words, 0),
    ])
    func aTextIsReadAsWhatItIs(_ text: String, _ reading: TraceReading, _ count: Int) async throws {
        let found = try await filled().perform(FindTrace(text: text))
        #expect(found.reading == reading)
        #expect(found.rows.count == count)
        #expect(!found.explanation.isEmpty)
    }

    @Test func pagesGoOnWithTheSameReading() async throws {
        let data = try await filled()
        let first = try await data.perform(FindTrace(text: "m@example.org", limit: 1))
        #expect(first.rows.map(\.recipient) == ["eve@y.net"])
        let second = try await data.perform(FindTrace(text: "m@example.org", before: first.next, reading: first.reading, limit: 1))
        #expect(second.rows.map(\.recipient) == ["bob@x.net"] && second.reading == .messageID)
        await #expect(throws: AdministrationError.self) { try await data.perform(FindTrace(text: "a", before: "x")) }
    }

    @Test func theUsualRangeIsTwoDays() async throws {
        let data = try await filled()
        let later = Act(actor: "local:tester", reason: "", at: TestData.now + .seconds(49 * 3600))
        let administration = data.administration()
        #expect(try await administration.perform(FindTrace(text: "hello"), later).rows.isEmpty)
        #expect(try await administration.perform(FindTrace(text: "hello", since: TestData.now), later).rows.count == 2)
        #expect(try await administration.perform(FindTrace(text: "\(TraceFindTests.id)"), later).rows.count == 2)
    }

    @Test func figuresAndTheShapeOfTheQueueAreShown() async throws {
        let data = try await filled()
        let view = try await data.perform(ShowStatistics(top: 1))
        #expect(view.by == .hour && view.steps.count == 25 && view.total.accepted == 2 && !view.isBehind)
        #expect(view.steps.last?.figures.accepted == 2)
        #expect(view.destinations.map(\.destination) == ["x.net"] && view.others?.accepted == 1)
        let one = try await data.perform(ShowStatistics(by: .day, destination: DomainName("y.net")))
        #expect(one.total.accepted == 1 && one.destinations.isEmpty)
        let shape = try await data.perform(ShowQueueShape(top: 1))
        #expect(shape.total.total == 2 && shape.total.counts.first == 2 && shape.destinationCount == 2)
        #expect(shape.destinations.map(\.destination) == ["x.net"] && shape.others?.total == 1)
        await #expect(throws: AdministrationError.self) {
            try await data.perform(ShowStatistics(since: TestData.now - .seconds(86_400 * 300), by: .fiveMinutes))
        }
    }

    @Test func savedSearchesAreOnesOwnOrEveryones() async throws {
        let data = try await TestData()
        let administration = data.administration()
        let other = Act(actor: "account:b@example.org", reason: "", at: TestData.now)
        _ = try await data.perform(AddSavedSearch(search: "Bounces", text: "", status: "bounced", hours: 24, shared: true))
        _ = try await data.perform(AddSavedSearch(search: "Mine", text: "a@example.org"))
        #expect(try await data.perform(ListSavedSearches()).map(\.name) == ["Bounces", "Mine"])
        #expect(try await administration.perform(ListSavedSearches(), other).map(\.name) == ["Bounces"])
        _ = try await administration.perform(AddSavedSearch(search: "Mine", text: "b@example.org"), other)
        _ = try await data.perform(AddSavedSearch(search: "Mine", text: "c@example.org"))
        #expect(try await data.perform(ListSavedSearches()).last?.text == "c@example.org")
        await #expect(throws: AdministrationError.self) { try await data.perform(AddSavedSearch(search: "a/b", text: "")) }
        await #expect(throws: AdministrationError.self) { try await data.perform(AddSavedSearch(search: "x", text: "", status: "odd")) }
        _ = try await data.perform(RemoveSavedSearch(search: "Mine"))
        #expect(try await administration.perform(ListSavedSearches(), other).map(\.text).sorted() == ["", "b@example.org"])
        await #expect(throws: AdministrationError.self) { try await data.perform(RemoveSavedSearch(search: "Mine")) }
    }
}

enum MessageIDText {
    static func of(at time: Timestamp) -> MessageID { MessageID((time.milliseconds - MessageID.epoch.milliseconds) << 22 | 1) }
}
