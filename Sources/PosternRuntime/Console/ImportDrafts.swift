import Campaigns
import MailModel
import Synchronization

/// Files that were uploaded to be imported, while somebody looks at them: in the memory of this node, a few at a time, for an hour.
final class ImportDrafts: Sendable {
    enum Progress: Sendable {
        /// Columns can still be chosen.
        case open
        /// Octets that were read, of all.
        case running(Int)
        case done(ImportOutcome)
        case failed(String)
    }

    struct Draft: Sendable {
        var list: String
        /// As the audit names who uploaded it; nobody else sees it.
        var owner: String
        var file: String
        var octets: [UInt8]
        /// What columns stand for, by their titles, as `ImportList` has it.
        var columns: [String: String] = [:]
        /// What a look at it came to; nil before.
        var looked: ImportOutcome?
        var progress = Progress.open
        var touchedAt: Timestamp

        init(list: String, owner: String, file: String, octets: [UInt8], at now: Timestamp) {
            self.list = list
            self.owner = owner
            self.file = file
            self.octets = octets
            touchedAt = now
        }

        var isRunning: Bool { if case .running = progress { true } else { false } }
    }

    static let fileBytesMax = 8 << 20
    private static let draftsMax = 16
    private static let octetsMax = 48 << 20
    private static let lifetime = Duration.seconds(3600)

    private let drafts = Mutex<[String: Draft]>([:])
    /// Imports that were begun, one after the other. For one reader.
    private let works: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    init() { (works, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(ImportDrafts.draftsMax)) }

    /// Does what was begun, until it is cancelled: an import that is broken off can be gone on with.
    func run() async { for await work in works { await work() } }

    /// There is a place for each draft.
    func start(_ work: @escaping @Sendable () async -> Void) { continuation.yield(work) }

    /// Returns its name, which nobody can guess; nil where there is no room.
    func add(_ draft: Draft) -> String? {
        let name = RandomText.make()
        return drafts.withLock { drafts in
            drafts = drafts.filter { $0.value.isRunning || $0.value.touchedAt + ImportDrafts.lifetime > draft.touchedAt }
            while drafts.count >= ImportDrafts.draftsMax
                || drafts.values.reduce(draft.octets.count, { $0 + $1.octets.count }) > ImportDrafts.octetsMax
            {
                guard let oldest = drafts.filter({ !$0.value.isRunning }).min(by: { $0.value.touchedAt < $1.value.touchedAt }) else {
                    return nil
                }
                drafts[oldest.key] = nil
            }
            drafts[name] = draft
            return name
        }
    }

    func find(_ name: String, list: String, owner: String) -> Draft? {
        drafts.withLock { $0[name].flatMap { $0.list == list && $0.owner == owner ? $0 : nil } }
    }

    /// False where it is not open any more.
    func begin(_ name: String) -> Bool {
        drafts.withLock { drafts in
            guard let draft = drafts[name], case .open = draft.progress, draft.looked != nil else { return false }
            drafts[name]?.progress = .running(0)
            return true
        }
    }

    /// Of no effect where it is gone.
    func change(_ name: String, _ body: (inout Draft) -> Void) {
        drafts.withLock { drafts in
            guard var draft = drafts[name] else { return }
            body(&draft)
            drafts[name] = draft
        }
    }
}
