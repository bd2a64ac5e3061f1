import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct StoppedRouteTests {
    private static func stop(_ probe: UpstreamStop.Probe? = nil) -> UpstreamStop {
        var stop = UpstreamStop(
            route: "office", cause: .restricted, since: TestData.now, reply: SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied"),
            finding: Finding(rule: "upstream.stopped", matched: "office", explanation: "Route office stands still."),
            advice: "Release it.", probeAt: TestData.now + .seconds(3600), nextWaitSeconds: 7200)
        stop.probe = probe
        return stop
    }

    private func stopped(_ stop: UpstreamStop = StoppedRouteTests.stop()) async throws -> TestData {
        let data = try await TestData()
        let route = Route(name: "office", kind: .smarthost(NextHop(host: "192.0.2.9")), createdAt: TestData.now)
        _ = try await data.perform(AddRoute(route: route, password: nil))
        try await data.administration().put(
            .upstreamStop, name: "office", stop, mustBeNew: true, entry: TestData.act.entry("upstream.stop", target: "office"))
        return data
    }

    private func fails(_ kind: AdministrationError.Kind, _ body: () async throws -> some Any) async {
        let error = await #expect(throws: AdministrationError.self) { _ = try await body() }
        #expect(error?.kind == kind)
    }

    @Test func theListSaysWhyARouteStandsStill() async throws {
        let data = try await stopped()
        let routes = try await data.perform(ListRoutes())
        let stop = try #require(routes.first { $0.name == "office" }?.stop)
        #expect(stop.cause == "restricted" && stop.reply == "550 5.1.8 Access denied" && stop.advice == "Release it." && !stop.probing)
        #expect(routes.filter { $0.stop != nil }.count == 1)
    }

    @Test func aProbeIsDueAtOnceAndWhatWaitsWithIt() async throws {
        let data = try await stopped()
        let gate = RecordingGate()
        let view = try await data.administration(live: gate).perform(ProbeRoute(route: "office"), TestData.act)
        #expect(view.probeAt == TestData.now.rfc3339)
        #expect(gate.recorded == ["directoryChanged", "act retry"])
        let stop = try #require(try await data.administration().directory().upstreamStops["office"])
        #expect(stop.probeAt == TestData.now && stop.mayProbe(at: TestData.now) && stop.version > 0)
        #expect(try await data.perform(ListAudit(limit: 10)).contains { $0.action == "upstream.probe" && $0.target == "office" })
    }

    @Test func thereIsOneProbeAtATime() async throws {
        let data = try await stopped(StoppedRouteTests.stop(UpstreamStop.Probe(owner: 5, until: TestData.now + .seconds(60))))
        await fails(.conflict) { try await data.perform(ProbeRoute(route: "office")) }
        let dead = try await stopped(StoppedRouteTests.stop(UpstreamStop.Probe(owner: 5, until: TestData.now)))
        #expect(try await dead.perform(ProbeRoute(route: "office")).probing == false)
    }

    @Test func onlyARouteThatStandsStillIsProbed() async throws {
        let data = try await stopped()
        await fails(.notFound) { try await data.perform(ProbeRoute(route: "built-in")) }
        await fails(.notFound) { try await data.perform(ProbeRoute(route: "nowhere")) }
    }

    /// Another route of that name is another account.
    @Test func theStopGoesWithItsRoute() async throws {
        let data = try await stopped()
        _ = try await data.perform(RemoveRoute(route: "office"))
        #expect(try await data.administration().directory().upstreamStops.isEmpty)
    }
}
