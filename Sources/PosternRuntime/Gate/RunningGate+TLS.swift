import DNSClient
import MailModel

extension RunningGate {
    func checkTLS(_ domain: DomainName) async -> TLSCheck {
        let probe = TLSProbe(
            resolver: routeResolver, settings: context.live.current.delivery, tlsContexts: tlsContexts, eventLoop: nextLane().eventLoop)
        return await probe.check(domain)
    }

    /// Sends TLS reports once a day.
    var tlsReporter: TLSReporter {
        TLSReporter(
            store: context.store, engine: engine, live: context.live, keeper: tlsKeeper, client: tlsKeeper.client,
            addresses: { [resolver] in await resolver.addresses($0) }, txt: { [resolver] in await resolver.txt($0) },
            owner: { [keeper] in keeper.owner }, logger: context.logger)
    }
}
