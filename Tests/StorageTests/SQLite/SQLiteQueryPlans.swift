import OwnThreads
import Testing

@testable import Storage

/// How SQLite means to run the statements whose cost must not grow with the store.
@Suite(.ownThreads) struct SQLiteQueryPlans {
    let folder: TemporaryFolder
    let store: SQLiteStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("store.sqlite"), migration: .apply)
    }

    private func plan(_ sql: String) throws -> [String] {
        try store.onWriter { connection in
            let statement = try connection.prepare("EXPLAIN QUERY PLAN \(sql)").begin()
            var lines: [String] = []
            while try statement.step() {
                for _ in 0..<3 { _ = statement.readInt64() }
                lines.append(statement.readText())
            }
            return lines
        }
    }

    @Test(arguments: [
        WriteStatements.settleRecipient, WriteStatements.recipientState, WriteStatements.insertEvent, WriteStatements.deleteBody,
        WriteStatements.deleteBodyIfAllFinal, WriteStatements.claimDue(.sqlite), WriteStatements.nextDue, WriteStatements.nextWaitsFor,
        WriteStatements.countWaiting,
        WriteStatements.nextLeaseOwner, WriteStatements.releaseOwner, WriteStatements.releaseRecipient, WriteStatements.actOnRecipient,
        WriteStatements.insertRefusal, WriteStatements.currentObject, ReadStatements.messageByKey, ReadStatements.recipientsOfMessage,
        ReadStatements.eventsOfMessage, ReadStatements.content, ReadStatements.traceRecipients(.sqlite),
        ReadStatements.traceRefusals(.sqlite),
        ReadStatements.traceFilters, ReadStatements.traceFilterDays, ReadStatements.queueRange, ReadStatements.queueOfMessage,
        ReadStatements.newestMessages[0], ReadStatements.newestMessages[1], NodeStatements.recipientsOfRun, NodeStatements.isLiving,
        NodeStatements.news, AlertStatements.newest, AlertStatements.byID, AlertStatements.countOpen, AlertStatements.open,
        AlertStatements.old, AlertStatements.countNotices, AlertStatements.claimNotices(.sqlite), AlertStatements.endNotice,
        AlertStatements.noticesOfAlert, AlertStatements.dropNotices,
    ])
    func noTableIsScanned(_ sql: String) throws {
        // A scan that stops at its first row, in order of the key, is the way to the newest.
        let scans = try plan(sql).filter { $0.hasPrefix("SCAN") && !sql.hasSuffix("LIMIT 1") && !$0.contains("CONSTANT ROW") }
        #expect(scans == [], "\(sql)")
    }

    @Test(arguments: [
        WriteStatements.claimDue(.sqlite), WriteStatements.nextDue, WriteStatements.nextWaitsFor, WriteStatements.countWaiting,
        ReadStatements.queueRange, WriteStatements.nextLeaseOwner,
        WriteStatements.releaseOwner, NodeStatements.recipientsOfRun,
    ])
    func theOpenRecipientsAreReadAlongTheirIndex(_ sql: String) throws {
        #expect(try plan(sql).contains { $0.contains("recipient_open") }, "\(sql)")
    }

    @Test(arguments: [
        WriteStatements.claimDue(.sqlite), ReadStatements.queueRange, ReadStatements.traceRecipients(.sqlite),
        ReadStatements.traceRefusals(.sqlite),
        ReadStatements.recipientsOfMessage, ReadStatements.newestMessages[0],
    ])
    func rowsComeInOrderWithoutASort(_ sql: String) throws {
        #expect(try plan(sql).filter { $0.contains("TEMP B-TREE") } == [], "\(sql)")
    }

    @Test(arguments: [
        WriteStatements.insertMessage, WriteStatements.insertRecipient, WriteStatements.settleRecipient, WriteStatements.insertEvent,
        WriteStatements.insertRefusal, WriteStatements.claimDue(.sqlite), WriteStatements.actOnRecipient, NodeStatements.insert,
        NodeStatements.renew, NodeStatements.end, NodeStatements.endLapsed, NodeStatements.forget, NodeStatements.holdTask,
        NodeStatements.endTask, NodeStatements.insertNews, WriteStatements.addToLedger, WriteStatements.putTraceFilter,
        WriteStatements.insertObject,
        WriteStatements.releaseRecipient, ReadStatements.traceRecipients(.sqlite), ReadStatements.queueRange, AlertStatements.put,
        AlertStatements.insertNotice, AlertStatements.claimNotices(.sqlite), AlertStatements.endNotice, AlertStatements.putOffNotice,
        AlertStatements.page(openOnly: true),
    ])
    func parametersStandInTheOrderOfTheirNumbers(_ sql: String) throws {
        var seen: [Int] = []
        for part in sql.split(separator: "$").dropFirst() {
            if let number = Int(part.prefix { $0.isNumber }), !seen.contains(number) { seen.append(number) }
        }
        #expect(seen == Array(1...seen.count), "SQLite numbers them by first occurrence")
    }
}
