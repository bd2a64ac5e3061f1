import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// The rules in the order in which they are tried.
package struct ListDeliveryRules: AdministrativeOperation {
    package static let name = "rules.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [DeliveryRuleView] {
        RuleTable(try await administration.directory()).rules.map { DeliveryRuleView(rule: $0.rule, own: $0.isOwn) }
    }
}

/// Puts a rule of one's own, in place of one of the same name; only where the whole set is proved with it.
package struct SetDeliveryRule: AdministrativeOperation {
    package static let name = "rules.set"
    package static let scope = AccessScope.routesWrite
    package var rule: DeliveryRule

    package init(rule: DeliveryRule) { self.rule = rule }

    private static let rulesMax = 500

    package func perform(in administration: Administration, _ act: Act) async throws -> DeliveryRuleView {
        var directory = try await administration.directory()
        directory.deliveryRules[rule.name] = rule
        guard directory.deliveryRules.count <= SetDeliveryRule.rulesMax else {
            throw AdministrationError(.conflict, "there are \(SetDeliveryRule.rulesMax) rules already", "Remove one first.")
        }
        if let mistake = RuleTable(directory).mistakes().first {
            throw AdministrationError(.invalid, "rule \(mistake.rule): \(mistake.text)", "Each rule is proved by texts of its own.")
        }
        try await administration.put(.deliveryRule, name: rule.name, rule, entry: act.entry("rules.set", target: rule.name))
        return DeliveryRuleView(rule: rule, own: true)
    }
}

package struct RemoveDeliveryRule: AdministrativeOperation {
    package static let name = "rules.remove"
    package static let scope = AccessScope.routesWrite
    package var name: String

    package init(name: String) { self.name = name }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        var directory = try await administration.directory()
        guard directory.deliveryRules.removeValue(forKey: name) != nil else {
            throw AdministrationError(
                .notFound, "there is no rule of your own called \(name)",
                "One of the default set is switched off by a disabled rule of its name.")
        }
        if let mistake = RuleTable(directory).mistakes().first {
            throw AdministrationError(.conflict, "without it, rule \(mistake.rule): \(mistake.text)")
        }
        try await administration.remove(.deliveryRule, name: name, entry: act.entry("rules.remove", target: name))
        return Affected(count: 1)
    }
}

/// What the set makes of a text; without one, whether every rule is proved.
package struct TestDeliveryRules: AdministrativeOperation {
    package static let name = "rules.test"
    package static let scope = AccessScope.routesRead
    package var text: String?
    /// Whose reply it is.
    package var provider: MailProvider?

    package init(text: String? = nil, provider: MailProvider? = nil) {
        self.text = text
        self.provider = provider
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RuleTestView {
        test(RuleTable(try await administration.directory()))
    }

    /// Without a gate: by the set that comes with Postern.
    package func performByDefaultSet() -> RuleTestView { test(RuleTable(own: [])) }

    private func test(_ table: RuleTable) -> RuleTestView {
        guard let text else {
            return RuleTestView(
                text: "", rule: "", action: "", seconds: 0, rules: table.rules.count,
                samples: table.rules.reduce(0) { $0 + $1.rule.matches.count + $1.rule.differs.count }, mistakes: table.mistakes())
        }
        let rule = table.match(text, from: provider)
        return RuleTestView(
            text: text, rule: rule?.name ?? "", action: rule?.action.rawValue ?? "", seconds: rule?.seconds ?? 0, rules: table.rules.count,
            samples: 0, mistakes: [])
    }
}

/// How replies that were recorded lately would be decided by a changed set, before it goes live.
package struct ReplayDeliveryRules: AdministrativeOperation {
    package static let name = "rules.replay"
    package static let scope = AccessScope.traceRead
    /// Put into the set, or in place of a rule of the same name; empty: the set as it is.
    package var changed: [DeliveryRule]
    package var since: Timestamp?
    /// Recipients of the trace that are looked at, 1…10,000.
    package var limit: Int

    package init(changed: [DeliveryRule] = [], since: Timestamp? = nil, limit: Int = 10_000) {
        self.changed = changed
        self.since = since
        self.limit = limit
    }

    /// The most frequent first.
    package func perform(in administration: Administration, _ act: Act) async throws -> [RuleReplayView] {
        try PageLimit.check(limit)
        let directory = try await administration.directory()
        var new = directory
        for rule in changed { new.deliveryRules[rule.name] = rule }
        let (before, after) = (RuleTable(directory), RuleTable(new))
        if let mistake = after.mistakes().first { throw AdministrationError(.invalid, "rule \(mistake.rule): \(mistake.text)") }
        var query = TraceQuery()
        query.since = since
        query.limit = limit
        let wanted = query
        let rows = try await administration.store.read { try $0.trace(wanted) }
        var counts: [String: Int] = [:]
        for row in rows { if let reply = row.reply, reply.code >= 400 { counts[reply.description, default: 0] += 1 } }
        return counts.map { reply, count in
            // The trace does not say whose host it was: the reply's own words do, as far as anything does.
            let provider = ReplayDeliveryRules.provider(of: reply)
            let old = before.match(reply, from: provider)?.name ?? ""
            let new = after.match(reply, from: provider)?.name ?? ""
            return RuleReplayView(
                reply: reply, count: count, provider: provider?.rawValue ?? "", before: old, after: new, changed: old != new)
        }.sorted { ($1.count, $0.reply) < ($0.count, $1.reply) }
    }

    private static func provider(of reply: String) -> MailProvider? {
        switch ReplyMeaning.of(text: reply)?.provider {
        case .gmail: .google
        case .outlook: .outlook
        case .exchangeOnlineInbound: .microsoft365
        case .yahoo: .yahoo
        case .icloud: .apple
        default: nil
        }
    }
}
