import ContentScan
import Logging
import MailModel
import Synchronization

/// Keeps what this node has seen of copies, in memory and, twice a minute where it changed, in a file.
final class DuplicateKeeper: Sendable {
    private struct State {
        var watch: DuplicateWatch
        var isChanged = false
    }

    private let state: Mutex<State>
    private let directory: DataDirectory
    private let logger: Logger

    /// Below the data directory.
    static let file = "scan/duplicates"
    private static let bytesMax = 256 << 20
    /// What a sudden end of the process loses at most, and what writing takes.
    static let saveInterval = Duration.seconds(30)

    init(_ directory: DataDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
        state = Mutex(State(watch: DuplicateWatch(index: DuplicateKeeper.saved(directory, logger))))
    }

    func scanned(_ sketch: Sketch, _ member: DuplicateGroup.Member, key: UInt64?, isPersonal: Bool) -> DuplicateWatch.Copies? {
        state.withLock { state in
            state.isChanged = true
            return state.watch.scanned(sketch, member, key: key, isPersonal: isPersonal)
        }
    }

    /// Groups of several messages, most recipients first.
    func largest(_ count: Int, at time: Timestamp) -> [DuplicateGroupView] {
        let watch = state.withLock { $0.watch }
        return DuplicateGroupView.largest(watch.index, count, at: time)
    }

    /// Writes what changed since it was written last. Blocks.
    func save() {
        let index: DuplicateIndex? = state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return state.watch.index
        }
        guard let index else { return }
        do {
            try AtomicFile.makeDirectory(directory.path(of: "scan"), mode: 0o700)
            try AtomicFile.write(index.octets, to: directory.path(of: DuplicateKeeper.file), mode: 0o600)
        } catch {
            state.withLock { $0.isChanged = true }
            logger.error("what was seen of copies could not be written", metadata: ["error": "\(error)"])
        }
    }

    /// Nil where there is none, or it cannot be read: then counting begins anew.
    static func saved(_ directory: DataDirectory, _ logger: Logger?) -> DuplicateIndex? {
        let path = directory.path(of: file)
        guard AtomicFile.exists(path) else { return nil }
        do {
            if let index = DuplicateIndex(octets: try AtomicFile.read(path, bytesMax: bytesMax)) { return index }
            logger?.error("the file of copies is damaged; they are counted anew", metadata: ["file": "\(path)"])
        } catch {
            logger?.error("the file of copies cannot be read; they are counted anew", metadata: ["error": "\(error)"])
        }
        return nil
    }
}
