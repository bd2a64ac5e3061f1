import Foundation
import MailModel

/// The one writing connection of a store, and what outlives it: connections break, and the next use makes another.
/// Confined to one thread at a time by its store.
final class PostgresWriter {
    private let connect: () throws -> PostgresConnection
    private let options: PostgresStore.Options
    private let isClosing: () -> Bool
    /// Names this writer in `store_writer`.
    private let identity = Int64.random(in: 1...Int64.max)
    /// Of the last commit that was begun, or passed over.
    private var number: Int64 = -1
    /// What the last commit held, where it was answered as failed and is not known to be.
    private var doubt: DoubtfulCommit?
    private var open: Open?
    private var trace = PostgresWriter.freshTrace
    private var conflictsBefore = 0

    private struct Open {
        var connection: PostgresConnection
        var writer: StoreWriter<PostgresConnection>
        var partitions: PostgresPartitions
        var markCommit: PostgresStatement
        var isUsed = false
        /// False where it found the last commit applied.
        var passedLastCommitOver: Bool
    }

    private static var freshTrace: TraceWriter { TraceWriter(newest: nil, partsMax: 64) }

    /// How often works are tried that another transaction was in the way of, or whose connection broke.
    private static let attemptsMax = 4
    private static let secondsBetweenLooks = 0.1
    /// How long one look waits for a commit that is still taking place.
    private static let lockSeconds = 2

    init(_ options: PostgresStore.Options, isClosing: @escaping () -> Bool, connect: @escaping () throws -> PostgresConnection) {
        self.options = options
        self.isClosing = isClosing
        self.connect = connect
    }

    var settlementConflicts: Int { conflictsBefore + (open?.writer.settlementConflicts ?? 0) }

    func commit(_ works: [StoreWork]) throws -> [StoreWorkResult] {
        for attempt in 1... {
            var current = try opened()
            let isUsed = current.isUsed
            open?.isUsed = true
            do {
                try current.partitions.make(for: works, on: current.connection)
                let dropped = try drop(works, &current)
                open?.partitions = current.partitions
                return zip(try transact(works, current), dropped).map { $0.adding($1) }
            } catch {
                let hasAnother = open.map { $0.connection !== current.connection } ?? false
                let mayGoWell = current.connection.isLost ? isUsed || hasAnother : current.connection.lastFailure?.isWorthRepeating == true
                if current.connection.isLost, open?.connection === current.connection { forget() }
                guard mayGoWell, attempt < PostgresWriter.attemptsMax else { throw error }
            }
        }
        preconditionFailure("the attempts have no end")
    }

    /// Days that a purge may drop whole, by work.
    private func drop(_ works: [StoreWork], _ current: inout Open) throws -> [Int] {
        try works.map { work in
            guard case .purge(let day, _) = work else { return 0 }
            return try current.partitions.drop(before: day, on: current.connection)
        }
    }

    private func transact(_ works: [StoreWork], _ current: Open) throws -> [StoreWorkResult] {
        let writer = current.writer
        let results = try writer.write(works)
        number += 1
        do {
            try options.beforeCommit?(number)
            try current.markCommit.begin().bind(number).bind(identity).send()
            try writer.endTransaction()
        } catch {
            guard current.connection.isLost else {
                number -= 1
                writer.giveUp()
                throw error
            }
            guard try wasApplied(works, writer) else { throw error }
        }
        writer.conclude()
        return results
    }

    // MARK: The connection

    private func opened() throws -> Open {
        if let open {
            if open.connection.isStillOpen() { return open }
            // Nothing was sent on it, so nothing is in doubt.
            forget()
        }
        let connection = try connect()
        let found = try passOver(connection)
        let made = Open(
            connection: connection, writer: try StoreWriter(connection: connection, slot: slot, trace: trace),
            partitions: try PostgresPartitions(connection), markCommit: try connection.prepare(PostgresStatements.markCommit),
            passedLastCommitOver: found > number)
        if let doubt, !made.passedLastCommitOver { try doubt.undo(made.writer, at: connection.clock(Timestamp(milliseconds: 0))) }
        doubt = nil
        number = found
        open = made
        return made
    }

    /// Makes sure that the last commit, should it not have taken place, never does. Returns the number to go on from.
    private func passOver(_ connection: PostgresConnection) throws -> Int64 {
        try connection.execute("SET lock_timeout = '\(PostgresWriter.lockSeconds)s'")
        let statement = try connection.prepare(PostgresStatements.passOver).begin().bind(identity).bind(number + 1).bind(number)
        guard try statement.step() else { throw StoreError.corrupt("no number of commits") }
        let found = statement.readInt64()
        statement.end()
        try connection.execute("RESET lock_timeout")
        return found
    }

    /// Of the rows of the ledger that writers add to: two of one slot only wait for each other.
    private var slot: Int64 { identity % 1024 }

    private func forget() {
        guard let open else { return }
        trace = open.writer.trace
        conflictsBefore += open.writer.settlementConflicts
        self.open = nil
    }

    /// Whether the commit of `number`, whose answer was lost, took place. Looks until the server says so: to guess would be to lose works or
    /// to apply them twice. Throws where the store is closed meanwhile, or the server does not come back in time. Then the works count as
    /// failed, and whoever connects next undoes what they left, should they have been applied.
    private func wasApplied(_ works: [StoreWork], _ writer: StoreWriter<PostgresConnection>) throws -> Bool {
        let end = ContinuousClock.now + options.resolveTime
        let traceAfter = writer.trace
        writer.giveUp()
        while true {
            forget()
            do {
                let isApplied = try !opened().passedLastCommitOver
                if isApplied { open?.writer.trace = traceAfter }
                return isApplied
            } catch {
                guard isClosing() || ContinuousClock.now >= end else {
                    Thread.sleep(forTimeInterval: PostgresWriter.secondsBetweenLooks)
                    continue
                }
                doubt = DoubtfulCommit(works)
                // The store may hold a filter with more in it than this one: it must not be written again.
                trace = PostgresWriter.freshTrace
                throw error
            }
        }
    }

    func close() { open = nil }
}

extension StoreWorkResult {
    fileprivate func adding(_ count: Int) -> StoreWorkResult {
        if case .affected(let affected) = self { .affected(affected + count) } else { self }
    }
}
