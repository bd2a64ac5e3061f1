import Logging
import Synchronization

/// A level that can change while the process runs.
final class LogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    init(_ name: String) { level = Mutex(Logger.Level(rawValue: name) ?? .info) }

    func set(_ name: String) { level.withLock { $0 = Logger.Level(rawValue: name) ?? $0 } }
    var current: Logger.Level { level.withLock { $0 } }
}

/// Structured logs to standard error.
enum GateLog {
    static func logger(level: LogLevel) -> Logger {
        Logger(label: "postern") { label in
            LeveledHandler(level: level, inner: StreamLogHandler.standardError(label: label))
        }
    }
}

/// Passes on what the process's level lets through, whatever level a copy of the logger was made with.
private struct LeveledHandler: LogHandler {
    let level: LogLevel
    var inner: StreamLogHandler

    init(level: LogLevel, inner: StreamLogHandler) {
        self.level = level
        self.inner = inner
        self.inner.logLevel = .trace
    }

    var logLevel: Logger.Level {
        get { level.current }
        set { level.set(newValue.rawValue) }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { inner.metadataProvider }
        set { inner.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { inner.log(event: event) }
}
