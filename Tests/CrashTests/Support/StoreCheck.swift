import CRecordingVFS
import DeliveryPlanning
import Foundation
import MailModel

@testable import Storage

/// Looks at a store from outside and says what is wrong with it.
enum StoreCheck {
    /// A digest of every row of every table.
    static func digest(_ store: SQLiteStore) throws -> UInt64 {
        try store.read { connection in
            var digest: UInt64 = 0
            guard recording_digest(connection.handle, &digest) == 0 else { throw StoreError.corrupt("a table does not read to its end") }
            return digest
        }
    }

    /// The counters, the rows and SQLite itself agree.
    static func soundness(_ store: SQLiteStore) throws -> [String] {
        var problems: [String] = []
        let (ledger, recount) = (try store.ledger(), try store.recount())
        if ledger != recount { problems.append("the ledger says \(ledger), the rows \(recount)") }
        if !ledger.isBalanced { problems.append("the ledger does not balance: \(ledger)") }
        let answer = try store.read { connection in
            let statement = try connection.prepare("PRAGMA integrity_check").begin()
            return try statement.step() ? statement.readText() : ""
        }
        if answer != "ok" { problems.append("integrity check: \(answer)") }
        return problems
    }

    /// What was promised by the commits that `isAnswered` names is there. `newest`: how many of them are looked at.
    static func promises(
        _ workload: Workload, in store: SQLiteStore, newest: Int = .max, isAnswered: (Int) -> Bool
    ) throws -> [String] {
        var problems: [String] = []
        var states: [RecipientID: RecipientState] = [:]
        for kept in workload.kept.filter({ isAnswered($0.commit) }).suffix(newest) {
            let id = kept.message.record.id
            guard let detail = try store.message(id) else {
                problems.append("message \(id) of commit \(kept.commit) is lost")
                continue
            }
            if detail.record != kept.message.record { problems.append("message \(id) is another") }
            if detail.recipients.map(\.recipient) != kept.message.recipients.map(\.recipient) {
                problems.append("message \(id) has other recipients")
            }
            for recipient in detail.recipients {
                states[RecipientID(tenant: detail.record.tenant, message: id, index: recipient.index)] = recipient.state
            }
            let isOpen = detail.recipients.contains { !$0.state.isFinal }
            let content = try store.content(of: id, tenant: detail.record.tenant)
            if content.map({ Data($0) }) != (isOpen ? Data(kept.message.content) : nil) {
                problems.append("message \(id) has another body")
            }
        }
        for ended in workload.ended where isAnswered(ended.commit) {
            guard let state = states[ended.recipient] else { continue }
            if state != ended.state { problems.append("recipient \(ended.recipient) is \(state), not \(ended.state)") }
        }
        return problems
    }
}
