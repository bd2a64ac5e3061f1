import ArgumentParser
import Foundation
import PosternRuntime
import Storage
import Synchronization

struct StorageMove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Copy everything from one store to another, and check both.",
        discussion: """
            Stop all nodes first. A move that failed can be repeated: what was copied stays. Afterwards set storage.url of each node to the new \
            store; the old one is left as it is.
            """)

    @Option(help: "The store to copy: sqlite:FILE or postgresql://USER@HOST/DATABASE.")
    var from: String
    @Option(help: "The store to fill; it is made where it is not there.")
    var to: String
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let moving = try StoreMoving(from: from, to: to, folder: FileManager.default.currentDirectoryPath)
        let meter = MoveMeter(isShown: isatty(STDERR_FILENO) == 1)
        let outcome = try await moving.perform { meter.note($0) }
        meter.end()
        try format.print(
            outcome.tables, ["TABLE", "ROWS", "ROWS THERE", "SAME"], empty: "There was nothing to move."
        ) { [$0.table, "\($0.sourceRows)", "\($0.targetRows)", $0.same ? "yes" : "no"] }
        guard outcome.same else {
            throw AdministrationError(
                .conflict, "the two stores differ",
                "The target held other rows before, or the source changed since an earlier move: empty the target and repeat.")
        }
    }
}

/// One line on the terminal that follows the move, with an estimate of what the table still takes.
private final class MoveMeter: Sendable {
    private let isShown: Bool
    private let state = Mutex(State())

    private struct State {
        var key = ""
        var startedAt = ContinuousClock.now
        var shownAt: ContinuousClock.Instant?
    }

    init(isShown: Bool) { self.isShown = isShown }

    func note(_ progress: StoreMove.Progress) {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            let key = "\(progress.step.rawValue) \(progress.table)"
            if key != state.key { state = State(key: key, startedAt: now) }
            if let shownAt = state.shownAt, now - shownAt < .milliseconds(200) { return }
            state.shownAt = now
            let share = progress.rowsInAll == 0 ? 1 : Double(progress.rows) / Double(progress.rowsInAll)
            let spent = (now - state.startedAt) / .seconds(1)
            let left = share > 0 ? Int((spent / share - spent).rounded()) : 0
            write("\r\u{1B}[K\(key): \(progress.rows) of \(progress.rowsInAll) rows, \(left) s left")
        }
    }

    func end() { if isShown { write("\r\u{1B}[K") } }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
