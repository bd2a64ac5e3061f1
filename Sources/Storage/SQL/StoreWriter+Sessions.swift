import Foundation
import MailModel
import OutboundPolicy

/// The sessions of the console.
extension StoreWriter {
    func session(_ work: SessionWork) throws -> SessionWorkResult {
        switch work {
        case .begin(let session, let step): return .begun(try begin(session, step: step))
        case .seen(let id, let now):
            try prepare(SessionStatements.seen).bind(now.milliseconds).bind(id).send()
            return .seen
        case .end(let account, let id, let kept, let entry):
            let count = try prepare(SessionStatements.end).bind(account).bind(id ?? "").bind(kept ?? "").run()
            if count > 0 { try audit(entry) }
            return .ended(count)
        case .tidy(let time, let limit):
            return .ended(try prepare(SessionStatements.tidy(dialect)).bind(time.milliseconds).bind(limit).run())
        }
    }

    private func begin(_ session: ConsoleSession, step: Int64?) throws -> Bool {
        if let step, try prepare(SessionStatements.useCode).bind(session.account).bind(step).run() == 0 { return false }
        try prepare(SessionStatements.begin).bind(session.id).bind(session.account).bind(session.madeAt.milliseconds)
            .bind(session.seenAt.milliseconds).bind(session.expiresAt.milliseconds).bind(try DirectoryCoding.text(session)).send()
        return true
    }
}

extension StoreReads {
    static func session(_ connection: some StoreConnection, _ id: String) throws -> ConsoleSession? {
        let statement = try connection.prepare(SessionStatements.byID).begin().bind(id)
        defer { statement.end() }
        return try statement.step() ? session(statement) : nil
    }

    /// Newest first.
    static func sessions(_ connection: some StoreConnection, _ query: SessionQuery) throws -> [ConsoleSession] {
        let limit = min(max(query.limit, 1), 10_000)
        let statement =
            if let account = query.account {
                try connection.prepare(SessionStatements.ofAccount).begin().bind(account).bind(limit)
            } else {
                try connection.prepare(SessionStatements.all).begin().bind(limit)
            }
        var sessions: [ConsoleSession] = []
        while try statement.step() { sessions.append(try session(statement)) }
        return sessions
    }

    private static func session(_ statement: some StoreStatement) throws -> ConsoleSession {
        let text = statement.readText()
        do {
            var session = try JSONDecoder().decode(ConsoleSession.self, from: Data(text.utf8))
            session.seenAt = Timestamp(milliseconds: statement.readInt64())
            return session
        } catch {
            throw RowText.damaged("session", text)
        }
    }
}
