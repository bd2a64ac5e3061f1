import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

/// What the next start finds of attempts that were under way.
@Suite(.ownThreads) struct FlightBookTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    private func id(_ number: Int64, _ index: Int32 = 0) -> RecipientID {
        RecipientID(tenant: .standard, message: MessageID(number), index: index)
    }

    /// As if the process had died: nothing is taken out of the file.
    private func afterDeath(_ body: (FlightBook) -> Void) throws -> Set<RecipientID> {
        let path = "\(folder.path)/flights"
        body(try FlightBook.open(path).book)
        return Set(try FlightBook.open(path).left)
    }

    @Test func whoIsUnderWayIsFoundOnce() throws {
        let left = try afterDeath { book in
            book.began([id(1, 0), id(1, 1), id(2)])
            book.began([id(1, 1)])
            book.ended([id(1, 0), id(7)])
            book.began([id(3)])
        }
        #expect(left == [id(1, 1), id(2), id(3)])
        #expect(try afterDeath { _ in } == [], "the start before has told of them")
    }

    @Test func thereIsRoomAgainWhenTheyEnded() throws {
        let left = try afterDeath { book in
            for number in 1...200_000 as ClosedRange<Int64> {
                book.began([id(number)])
                if number > 3 { book.ended([id(number)]) }
            }
        }
        #expect(left == [id(1), id(2), id(3)])
    }
}
