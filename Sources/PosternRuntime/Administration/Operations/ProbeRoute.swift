import DeliveryPlanning
import MailModel
package import OutboundPolicy
import Storage

/// Lets one message through on a route that stands still: after somebody mended what its next host complained of.
package struct ProbeRoute: AdministrativeOperation {
    package static let name = "routes.probe"
    package static let scope = AccessScope.routesWrite
    package var route: String

    package init(route: String) { self.route = route }

    package func perform(in administration: Administration, _ act: Act) async throws -> StoppedRouteView {
        let directory = try await administration.directory()
        guard directory.hasRoute(route) else { throw AdministrationError.noSuch("route", route) }
        guard var stop = directory.upstreamStops[route] else {
            throw AdministrationError(.notFound, "route \(route) does not stand still", "`postern routes list` shows which ones do.")
        }
        if let probe = stop.probe, probe.until > act.at {
            throw AdministrationError(.conflict, "a probe is under way on route \(route)", "`postern routes list` shows what came of it.")
        }
        stop.probeAt = min(stop.probeAt, act.at)
        stop.probe = nil
        try await administration.put(
            .upstreamStop, name: route, stop, expecting: stop.version, entry: act.entry("upstream.probe", target: route))
        // What the stop kept back would be looked at again after a while only. All else that this reaches was about to be due as well.
        var kept = QueueFilter()
        kept.states = [.queued]
        kept.dueBy = act.at + UpstreamWaits.lookMax
        let entry = act.entry("queue.retry", target: "what route \(route) kept back")
        _ = try await administration.act(QueueAct(verb: .retry, filter: kept, audit: entry))
        return StoppedRouteView(stop, at: act.at)
    }
}
