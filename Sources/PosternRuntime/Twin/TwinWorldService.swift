import Console
package import Logging
import NIOPosix
import ProviderTwin
import ServiceLifecycle

/// Where the parts of a world listen.
package struct TwinWorldPorts: Sendable, Encodable {
    package struct Member: Sendable, Encodable {
        package var name: String
        package var address: String
        package var port: Int
        package var domains: [String]
    }

    package var ready = true
    package var host: String
    package var dnsPort: Int
    package var httpPort: Int
    package var twins: [Member]
}

/// `postern twin FILE.yaml`: several twins with one clock, one DNS and one HTTP side, until the program is told to stop.
package struct TwinWorldService {
    private let plan: TwinWorldPlan
    private let logger: Logger
    private let onReady: @Sendable (TwinWorldPorts) -> Void

    package init(_ plan: TwinWorldPlan, logger: Logger, onReady: @escaping @Sendable (TwinWorldPorts) -> Void) {
        self.plan = plan
        self.logger = logger
        self.onReady = onReady
    }

    package func run() async throws {
        var running: [RunningTwin] = []
        do {
            try await serve(&running)
        } catch {
            for twin in running { await twin.close() }
            throw error
        }
        for twin in running { await twin.close() }
    }

    private func serve(_ running: inout [RunningTwin]) async throws {
        let clock = TwinClock(factor: plan.clockFactor, start: .now)
        let names = TwinNames(plan.zone)
        let returns = try plan.returns.map { try TwinReturns($0, names: names) }
        // Senders have one port for all MX hosts: where a free one is wanted, the first receiver's is everybody's.
        var free: Int?
        for member in plan.members {
            let port = member.port == 0 ? free ?? 0 : member.port
            let twin = try await RunningTwin.start(member, port: port, clock: clock, names: names, returns: returns)
            running.append(twin)
            if case .receiver = twin.kind, member.port == 0 { free = twin.port }
        }
        let dns = try await TwinDNSServer.start(
            names, host: plan.host, port: plan.dnsPort, group: MultiThreadedEventLoopGroup.singleton)
        let interface = TwinWorldInterface(clock: clock, names: names, twins: running, returns: returns)
        let ports = TwinWorldPorts(host: plan.host, dnsPort: dns.port, httpPort: 0, twins: interface.ports)
        let onReady = onReady
        let http = SmallHTTPService(
            address: plan.host, port: plan.httpPort, logger: logger,
            onRunning: { port in
                var all = ports
                all.httpPort = port
                onReady(all)
            }, answer: { interface.answer($0) })
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let returns { group.addTask { await returns.run() } }
                try await http.run()
                group.cancelAll()
            }
        } catch {
            await dns.close()
            throw error
        }
        await dns.close()
    }
}

extension TwinWorldService: Service {}

/// One twin of a world.
struct RunningTwin: Sendable {
    enum Kind: Sendable {
        case receiver(ReceiverTwinServer)
        case exchange(ExchangeTwin)
    }

    let member: TwinWorldPlan.Member
    let kind: Kind

    static func start(
        _ member: TwinWorldPlan.Member, port: Int, clock: TwinClock, names: TwinNames, returns: TwinReturns?
    ) async throws -> RunningTwin {
        let group = MultiThreadedEventLoopGroup.singleton
        switch member.kind {
        case .receiver(let provider, let demands):
            let server = try await ReceiverTwinServer.start(
                provider, demands, host: member.address, port: port, clock: clock, names: names, returns: returns,
                group: group)
            return RunningTwin(member: member, kind: .receiver(server))
        case .exchange(let tenant):
            var settings = ExchangeTwinSettings()
            (settings.host, settings.port, settings.tenant) = (member.address, port, tenant)
            return RunningTwin(member: member, kind: .exchange(try await ExchangeTwin.start(settings, clock: clock, group: group)))
        }
    }

    var port: Int {
        switch kind {
        case .receiver(let server): server.port
        case .exchange(let twin): twin.port
        }
    }

    /// Messages that it keeps.
    var messages: Int {
        switch kind {
        case .receiver(let server): server.world.use { state, _ in state.mailbag.messages.count }
        case .exchange(let twin): twin.world.use { state, _ in state.mailbag.messages.count }
        }
    }

    func answer(_ request: SmallRequest) -> SmallResponse {
        switch kind {
        case .receiver(let server): ReceiverTwinInterface(provider: server.provider, world: server.world).answer(request)
        case .exchange(let twin): ExchangeTwinInterface(twin).answer(request)
        }
    }

    func close() async {
        switch kind {
        case .receiver(let server): await server.close()
        case .exchange(let twin): await twin.close()
        }
    }
}
