import NIOCore

/// How fast a client moves: values only, so that a read costs three stores.
struct ConnectionPace {
    enum Verdict: Equatable {
        /// Look again then.
        case fine(NIODeadline)
        case idle
        case tooSlow
        case tooLong
        /// The client does not take what we sent.
        case notReading
    }

    private(set) var bytes = 0
    private var start = NIODeadline.uptimeNanoseconds(0)
    private var lastByte = NIODeadline.uptimeNanoseconds(0)
    private var lastProgress = NIODeadline.uptimeNanoseconds(0)
    private var bytesAtProgress = 0

    init() {}

    init(startingAt now: NIODeadline) { (start, lastByte, lastProgress) = (now, now, now) }

    mutating func received(_ count: Int, at now: NIODeadline) {
        bytes &+= count
        lastByte = now
    }

    /// A command was complete, or we answered one: the client's time begins anew.
    mutating func progressed(at now: NIODeadline) {
        (lastByte, lastProgress, bytesAtProgress) = (now, now, bytes)
    }

    func verdict(at now: NIODeadline, _ settings: SMTPListenerSettings, isOurTurn: Bool, isWritable: Bool) -> Verdict {
        let idle = TimeAmount(settings.idleTimeout)
        if !isWritable { return now - lastProgress >= idle ? .notReading : .fine(lastProgress + idle) }
        if isOurTurn { return .fine(now + idle) }
        let end = start + TimeAmount(settings.sessionDurationMax)
        if now >= end { return .tooLong }
        if now - lastByte >= idle { return .idle }
        let elapsed = now - lastProgress
        if elapsed >= idle {
            let seconds = Int(elapsed.nanoseconds / 1_000_000_000)
            let needed = seconds.multipliedReportingOverflow(by: settings.bytesPerSecondMin).partialValue
            if bytes &- bytesAtProgress < needed { return .tooSlow }
            return .fine(min(lastByte + idle, end, now + idle))
        }
        return .fine(min(lastByte + idle, lastProgress + idle, end))
    }
}
