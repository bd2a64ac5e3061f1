/// Why the store could not do what was asked.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No space for more; it goes on once there is space again.
    case full(String)
    /// The disk or the server does not answer as it should, for now.
    case unavailable(String)
    /// What was read is damaged, or not a store.
    case corrupt(String)
    /// This work cannot be done (a repeated identifier, a broken invariant); others can.
    case rejected(String)
    /// The store was made by a newer program: the unknown migration is named.
    case newerSchema(String)
    /// The schema is older than the program, and nobody asked for the migration; their names, in order.
    case pendingMigrations([String])
    /// An object of the directory that this program cannot read.
    case undecodable(kind: String, name: String, reason: String)
    /// More work waits than the queue may hold.
    case busy
    /// The committer or reader was stopped.
    case stopped

    package var description: String {
        switch self {
        case .full(let detail): "the store is full: \(detail)"
        case .unavailable(let detail): "the store does not answer: \(detail)"
        case .corrupt(let detail): "the store is damaged: \(detail)"
        case .rejected(let detail): "the store refused a change: \(detail)"
        case .newerSchema(let name): "the store was made by a newer version of this program (unknown migration \(name)); use that version"
        case .pendingMigrations(let names): "the store needs a migration first (\(names.joined(separator: ", ")))"
        case .undecodable(let kind, let name, let reason): "the \(kind) \"\(name)\" cannot be read: \(reason)"
        case .busy: "too much work waits for the store"
        case .stopped: "the store was closed"
        }
    }

    /// True where every work would fail alike, so that trying them one by one is of no use.
    package var concernsWholeStore: Bool {
        switch self {
        case .full, .unavailable, .corrupt, .newerSchema, .pendingMigrations, .stopped: true
        case .rejected, .undecodable, .busy: false
        }
    }
}
