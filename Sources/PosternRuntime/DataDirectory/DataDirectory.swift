import Glibc

/// Where a node keeps its settings, its secrets and, with SQLite, its store.
package struct DataDirectory: Hashable, Sendable, CustomStringConvertible {
    /// Absolute.
    package let root: String

    /// `path` may be relative to the working directory.
    package init(_ path: String) {
        var absolute = path
        if !path.hasPrefix("/") {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let current = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "."
            absolute = "\(current)/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
        }
        while absolute.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
        root = absolute
    }

    package var settingsFile: String { path(of: SettingsFile.name) }
    package var masterKey: String { path(of: "secrets/master.key") }
    package var lock: String { path(of: "lock") }
    var lastRun: String { path(of: "run") }
    /// Whom attempts are under way for: see `FlightBook`.
    var flights: String { path(of: "flights") }
    package var controlSocket: String { path(of: "control.sock") }

    /// An absolute path stays; a relative one is below the directory.
    package func path(of name: String) -> String { name.hasPrefix("/") ? name : "\(root)/\(name)" }

    package func secret(_ name: String) -> String { path(of: "secrets/\(name)") }

    package var description: String { root }

    /// True once `postern init` has written its settings file.
    package var isInitialized: Bool { AtomicFile.exists(settingsFile) }

    /// Reads the settings with all their sources.
    package func settings(overrides: [String] = []) throws -> Settings {
        let file = AtomicFile.exists(settingsFile) ? try AtomicFile.read(settingsFile, bytesMax: SettingsFile.bytesMax) : nil
        return try SettingsLoader(overrides: overrides).load(file: file, fileName: settingsFile)
    }
}

/// The right to open the store of a data directory: a gate holds it while it runs, a command while it works on a gate that is stopped.
/// The system gives it back when the process ends, however it ends.
package final class DirectoryLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Nil where another process holds it.
    package static func acquire(_ directory: DataDirectory) throws -> DirectoryLock? {
        let descriptor = open(directory.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: directory.lock, code: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw FileError(operation: "lock", path: directory.lock, code: code) }
            return nil
        }
        return DirectoryLock(descriptor: descriptor)
    }

    /// Unlocked by name: a process that is being started at this moment may hold a copy of the descriptor until it executes.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
