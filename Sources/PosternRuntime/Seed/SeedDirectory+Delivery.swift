import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// A source that is being warmed up, and a printer whose address is rewritten.
extension SeedDirectory {
    private static let warmedDays = 12

    func fillDelivery() async throws {
        let act = act(.seconds(86_400 * Int64(SeedDirectory.warmedDays)))
        let source = EgressSource(name: "vienna", helloName: DomainName("vienna.northwind.test"), createdAt: act.at)
        _ = try await administration.perform(AddSource(source: source), act)
        try await fillWarmUp(act)
        let reply = SMTPReply(421, EnhancedStatusCode(4, 7, 1), "[TS03] All messages from 192.0.2.10 will be permanently deferred")
        let hold = DeliveryHold(
            subject: .destination("yahoo", source: "vienna"), since: now - .seconds(1800), until: now + .seconds(5400),
            rule: "yahoo.blocked", reply: reply, allowsOtherSources: true)
        try await administration.put(.deliveryHold, name: hold.key, hold, entry: act.entry("shaping.hold", target: hold.key))
        if let rule = AddressRewriteRule("root@*=\(SeedCast.address("no-reply.scanner"))") {
            _ = try await administration.perform(SetRewriting<ConnectorRewriting>(name: "scanner", rules: [rule], original: .field), act)
        }
    }

    /// Twelve days, with a set-back and a pause.
    private func fillWarmUp(_ act: Act) async throws {
        var warmUp = WarmUp(source: "vienna", provider: .google, caps: WarmUpPlan.standard.caps, plan: .standard, createdAt: act.at)
        let counter = ShapingCounter(warmUp: warmUp.name)
        for day in 0...SeedDirectory.warmedDays {
            let time = now - .seconds(86_400 * Int64(SeedDirectory.warmedDays - day))
            guard !warmUp.isPaused(at: time) else { continue }
            _ = warmUp.used(at: time)
            let used = (warmUp.cap(at: time) ?? 0) * (70 + day * 7 % 30) / 100
            if day == 5 {
                _ = warmUp.setBack("6 of 51 messages within a day were put off or refused; last: 421 4.7.28 unusual rate", at: time)
            } else if day == 9 {
                warmUp.pause(until: time + .seconds(90_000), "paused by account:admin@northwind.test: an old list went out", at: time)
            }
            // A store with a clock of its own would count it all for today.
            guard try await administration.store.read({ !$0.isShared }) else { continue }
            let key = CounterKey(name: counter.name, window: counter.window)
            _ = try await administration.store.perform(
                .count(CounterCall(key: key, owner: 1, used: used, wanted: 0, limit: 0, at: time)))
        }
        try await administration.put(.warmUp, name: warmUp.name, warmUp, entry: act.entry("warmup.set", target: warmUp.name))
    }
}
