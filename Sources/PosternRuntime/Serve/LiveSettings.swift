import Synchronization

/// The settings of a process that runs: those of its start, and what SIGHUP changed since.
package final class LiveSettings: Sendable {
    private let settings: Mutex<Settings>

    package init(_ settings: Settings) { self.settings = Mutex(settings) }

    package var current: Settings { settings.withLock { $0 } }
    func replace(_ new: Settings) { settings.withLock { $0 = new } }
}
