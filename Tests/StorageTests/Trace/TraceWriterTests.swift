import MailModel
import OwnThreads
import Testing

@testable import Storage

/// Whatever is written whole or in parts: each key is found after each commit, in few rows.
@Suite(.ownThreads) struct TraceWriterTests {
    /// What the store holds.
    private struct Rows {
        var filters: [Int64: TraceFilter] = [:]
        var written = 0

        mutating func apply(_ changes: TraceWriter.Changes) {
            for filter in changes.written {
                filters[filter.bucket] = filter
                written += filter.bits.count
            }
            for place in changes.folded { filters[place.bucket] = nil }
        }

        func mayHold(_ key: TraceKey, of message: MessageID) -> Bool {
            filters.values.contains { filter in
                filter.day == message.day && filter.lowest <= message.value && filter.highest >= message.value
                    && filter.bits.withUnsafeBytes { TraceFilter.mayContain(key, in: $0) }
            }
        }
    }

    private func keys(_ number: Int, _ count: Int) -> [TraceKey] { (0..<count).map { .recipient("r\($0)@m\(number).net") } }

    @Test(arguments: [0, 4, 64], [1, 2] as [UInt64]) func everyKeyIsFoundAfterEachCommit(partsMax: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var writer = TraceWriter(newest: nil, partsMax: partsMax)
        var rows = Rows()
        var known: [(MessageID, TraceKey)] = []
        var number = 0
        for commit in 0..<400 {
            var fresh: [(MessageID, TraceKey)] = []
            let before = writer
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                number += 1
                // Around midnight, both days.
                let day = commit / 150 + (commit % 150 > 140 ? Int.random(in: 0...1, using: &random) : 0)
                let message = Sample.id(number, at: Sample.start + .seconds(86_400 * day))
                let keys = keys(number, commit % 97 == 96 ? 3000 : Int.random(in: 3...20, using: &random))
                writer.add(message, keys)
                fresh += keys.map { (message, $0) }
            }
            guard Int.random(in: 0..<10, using: &random) > 0 else {
                // The commit failed.
                writer = before
                continue
            }
            rows.apply(writer.takeChanges())
            known += fresh
            #expect(fresh.allSatisfy { rows.mayHold($1, of: $0) }, "commit \(commit)")
        }
        #expect(known.allSatisfy { rows.mayHold($1, of: $0) })
        let whole = rows.filters.values.count { $0.bits.count >= 3584 }
        #expect(rows.filters.count <= whole + max(1, partsMax))
    }

    /// One message in each commit, as where clients are few.
    @Test func smallCommitsWriteLittle() {
        func octets(partsMax: Int) -> Int {
            var writer = TraceWriter(newest: nil, partsMax: partsMax)
            var rows = Rows()
            for number in 1...800 {
                writer.add(Sample.id(number), keys(number, 3))
                rows.apply(writer.takeChanges())
            }
            return rows.written
        }
        #expect(octets(partsMax: 64) * 20 < octets(partsMax: 0))
    }
}
