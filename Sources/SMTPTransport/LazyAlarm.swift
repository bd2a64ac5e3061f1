import NIOCore

/// One scheduled task of an event loop that is seldom moved. Used on that loop only.
///
/// Whoever moves a deadline forward leaves the task as it is and sets the alarm again when it rings.
final class LazyAlarm {
    private let eventLoop: any EventLoop
    private let ring: () -> Void
    private var task: Scheduled<Void>?
    private var deadline = NIODeadline.distantFuture

    init(_ eventLoop: any EventLoop, _ ring: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.ring = ring
    }

    /// Rings at `deadline` at the latest; where it is set for an earlier time, that stays.
    func set(for deadline: NIODeadline) {
        if task != nil, self.deadline <= deadline { return }
        task?.cancel()
        self.deadline = deadline
        task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.task = nil
            self?.ring()
        }
    }

    func cancel() {
        task?.cancel()
        task = nil
    }
}
