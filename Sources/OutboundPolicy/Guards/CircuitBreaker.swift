package import MailModel

/// Keeps callers from a service that does not answer: after some failures in a row nobody asks for a while; then one does, and its answer decides.
package struct CircuitBreaker: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// It answers.
        case closed
        /// Nobody asks.
        case open
        /// One asks.
        case probing
    }

    package private(set) var state = State.closed
    /// In a row.
    package private(set) var failures = 0
    private var until = Timestamp(milliseconds: 0)
    private let failuresMax: Int
    private let pause: Duration

    /// `failuresMax`: in a row, 1 or more. `pause`: before one asks again.
    package init(failuresMax: Int = 5, pause: Duration = .seconds(30)) {
        (self.failuresMax, self.pause) = (failuresMax, pause)
    }

    /// Whether somebody may ask now; who may, says how it went.
    package mutating func mayAsk(at now: Timestamp) -> Bool {
        switch state {
        case .closed: return true
        case .probing: return false
        case .open:
            guard now >= until else { return false }
            state = .probing
            return true
        }
    }

    package mutating func succeeded() {
        state = .closed
        failures = 0
    }

    package mutating func failed(at now: Timestamp) {
        failures += 1
        guard state == .probing || failures >= failuresMax else { return }
        state = .open
        until = now + pause
    }
}
