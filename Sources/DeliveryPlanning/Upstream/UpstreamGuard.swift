import MailModel
import OutboundPolicy

/// Which routes stand still or go slowly, as this node knows it: what the directory says, and what happened here since.
struct UpstreamGuard: Sendable {
    /// What was decided here and may not stand in the directory yet. A nil stop: the flow goes on.
    private struct Decided: Sendable {
        var stop: UpstreamStop?
        /// Of the directory that has it; nil while it is being committed.
        var version: Int64?
    }

    /// A message that is to be let through, or is on its way.
    struct Probe: Sendable {
        var message: MessageID
        var indices: Set<Int32>
        /// Where the right to probe is still asked for.
        var waiting: WaitingEntry?
        var isInFlight = false

        func covers(_ entry: Entry) -> Bool {
            waiting == nil && entry.message == message && entry.indices.allSatisfy(indices.contains)
        }
    }

    /// A route on which the next host finds too many connections.
    struct Slowed: Sendable {
        var connectionsMax: Int
        var pausedUntil: Timestamp
        var recoversAt: Timestamp
    }

    /// The routes that stand still, by name.
    private(set) var stops: [String: UpstreamStop] = [:]
    private var decided: [String: Decided] = [:]
    var probes: [String: Probe] = [:]
    var slowed: [String: Slowed] = [:]
    /// True where no route needs a look: the usual state.
    var isIdle: Bool { stops.isEmpty && slowed.isEmpty && probes.isEmpty }

    mutating func decide(_ stop: UpstreamStop?, route: String, version: Int64? = nil) {
        decided[route] = Decided(stop: stop, version: version)
        stops[route] = stop
    }

    /// Whether the store has what is known here, so that the right to probe can be asked for.
    func isSettled(_ route: String) -> Bool { decided[route] == nil }

    /// What was decided here is in the directory from this version on; what stands there counts then, whoever put it there.
    mutating func stored(_ route: String, version: Int64, _ directory: Directory) {
        decided[route]?.version = version
        take(directory)
    }

    mutating func take(_ directory: Directory) {
        decided = decided.filter { route, decided in
            directory.hasRoute(route) && (decided.version.map { directory.version < $0 } ?? true)
        }
        stops = directory.upstreamStops.filter { directory.hasRoute($0.key) }
        for (route, decided) in decided { stops[route] = decided.stop }
    }

    /// The entries whose right to probe was being asked for on routes that stand still no longer.
    mutating func takeNeedless() -> [WaitingEntry] {
        let needless = probes.filter { stops[$0.key] == nil }
        for route in needless.keys { probes[route] = nil }
        return needless.values.compactMap(\.waiting)
    }
}
