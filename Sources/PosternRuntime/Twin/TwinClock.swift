package import MailModel
import Synchronization

/// A clock that runs as fast as it is told, and can be moved on. It never goes back.
package final class TwinClock: Sendable {
    private struct State {
        var base: Timestamp
        var since: ContinuousClock.Instant
    }

    /// How many seconds pass in one.
    package let factor: Int
    private let state: Mutex<State>

    package static let factorRange = 1...100_000

    package init(factor: Int = 1, start: Timestamp) {
        precondition(TwinClock.factorRange.contains(factor))
        self.factor = factor
        state = Mutex(State(base: start, since: .now))
    }

    package var now: Timestamp { state.withLock { current($0) } }

    /// Moves it on; a negative `duration` counts as none. At most to the year 9999.
    package func jump(_ duration: Duration) {
        state.withLock { state in
            let now = current(state)
            state = State(base: min(now + max(duration, .zero), .distantFuture), since: .now)
        }
    }

    private func current(_ state: State) -> Timestamp {
        let elapsed = (ContinuousClock.now - state.since).milliseconds
        let passed = elapsed.multipliedReportingOverflow(by: Int64(factor))
        return passed.overflow ? .distantFuture : min(state.base + .milliseconds(passed.partialValue), .distantFuture)
    }

    /// Reads `60x`, `1x` or `60`; nil for anything else.
    package static func factor(_ text: String) -> Int? {
        let digits = text.hasSuffix("x") ? text.dropLast() : text[...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let factor = Int(digits), factorRange.contains(factor) else { return nil }
        return factor
    }
}
