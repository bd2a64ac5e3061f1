import Synchronization

/// What has come up so far, and whether the gate is ready.
final class Readiness: Sendable {
    private struct State {
        var missing: Set<String>
        var addresses: [String: String] = [:]
        var isStopping = false
        var isAnnounced = false
    }

    private let state: Mutex<State>
    private let announce: @Sendable ([String: String]) -> Void

    /// `parts`: what has to come up; `announce` is called once, with all addresses, when the last of them has.
    init(parts: Set<String>, announce: @escaping @Sendable ([String: String]) -> Void) {
        state = Mutex(State(missing: parts))
        self.announce = announce
    }

    func cameUp(_ part: String, addresses: [String: String]) {
        let all: [String: String]? = state.withLock { state in
            state.missing.remove(part)
            state.addresses.merge(addresses) { $1 }
            guard state.missing.isEmpty, !state.isAnnounced else { return nil }
            state.isAnnounced = true
            return state.addresses
        }
        if let all { announce(all) }
    }

    func isStopping() { state.withLock { $0.isStopping = true } }

    var addresses: [String: String] { state.withLock { $0.addresses } }

    var problems: [String] {
        state.withLock { state in
            (state.isStopping ? ["stopping"] : []) + state.missing.sorted().map { "\($0) is not up yet" }
        }
    }
}
