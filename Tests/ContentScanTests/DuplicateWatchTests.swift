import ContentReading
import ContentScan
import MailModel
import Testing

/// Copies counted as they are scanned.
@Suite struct DuplicateWatchTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func sketch(_ name: String) -> Sketch {
        let text = "Dear \(name), our autumn sale of garden chairs ends this Sunday and there is free delivery to your door until then."
        return Sketch(ContentReader().read(Array("Subject: x\r\n\r\n\(text)\r\n".utf8)))
    }

    private func member(_ message: String, by sender: String, at time: Timestamp, to recipients: Int = 1) -> DuplicateGroup.Member {
        DuplicateGroup.Member(message: message, sender: sender, connector: "", recipients: recipients, at: time)
    }

    private func seen(
        _ watch: inout DuplicateWatch, _ sketch: Sketch, _ member: DuplicateGroup.Member, key: UInt64?
    ) throws -> DuplicateWatch.Copies {
        let copies = watch.scanned(sketch, member, key: key, isPersonal: true)
        return try #require(copies)
    }

    @Test func aSecondCopyOfTheSameSenderIsARepetition() throws {
        var watch = DuplicateWatch()
        let first = try seen(&watch, sketch("Ann"), member("1", by: "kim", at: start), key: 1)
        #expect(!first.isRepetition && first.figures.messages == 1)
        let other = try seen(&watch, sketch("Bob"), member("2", by: "lee", at: start + .seconds(60)), key: 2)
        #expect(!other.isRepetition && other.figures.messages == 2 && other.figures.senders == 2)
        let again = try seen(&watch, sketch("Cid"), member("3", by: "kim", at: start + .seconds(120)), key: 3)
        #expect(again.isRepetition && again.figures.messages == 3)
        // A day later it is none any more.
        let late = try seen(&watch, sketch("Dan"), member("4", by: "lee", at: start + .seconds(90_000)), key: 4)
        #expect(!late.isRepetition)
    }

    /// A client that is told to come again offers the same message many times.
    @Test func whatIsOfferedAgainCountsOnce() throws {
        var watch = DuplicateWatch()
        for _ in 0..<200 {
            let copies = try seen(&watch, sketch("Ann"), member("1", by: "kim", at: start), key: 77)
            #expect(copies.figures.messages == 1 && copies.figures.recipients == 1 && !copies.isRepetition)
        }
        let unknown = (0..<3).compactMap { _ in watch.scanned(sketch("Bob"), member("", by: "lee", at: start), key: nil, isPersonal: true) }
        #expect(unknown.map(\.figures.messages) == [2, 3, 4])
    }

    @Test func whatWasSavedGoesOn() throws {
        var watch = DuplicateWatch()
        _ = watch.scanned(sketch("Ann"), member("1", by: "kim", at: start, to: 60), key: 1, isPersonal: true)
        let index = try #require(DuplicateIndex(octets: watch.index.octets))
        var next = DuplicateWatch(index: index)
        let copies = try seen(&next, sketch("Bob"), member("2", by: "kim", at: start + .seconds(60), to: 50), key: 2)
        #expect(copies.figures.recipients == 110 && copies.figures.isMany)
        #expect(next.largest(5, at: start + .seconds(60)).map(\.figures.recipients) == [110])
    }
}
