import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var shapingRoutes: [APIRoute] {
        [
            list(
                "/v1/shaping", "List shaping policies", PageInput.self, operation: { _ in ListShaping() },
                page: { try $0.page($1) { $0.name } }),
            route(Way(.get, "/v1/shaping-status", "Show what limits, replies and rules hold back"), ShowShaping.self),
            route(Way(.put, "/v1/shaping/{name}", "Put a shaping policy, in place of one of the same name"), ShapingInput.self) {
                input, now in
                try input.operation(at: now)
            },
            route(
                Way(.put, "/v1/routes/{route}/shaping-preset", "Give a route the limits that the provider of its account sets"),
                ApplyShapingPreset.self),
            route(Way(.delete, "/v1/shaping/{name}", "Remove a shaping policy", status: 204), RemoveShaping.self),
            list(
                "/v1/warm-ups", "List warm-ups of egress sources", PageInput.self, operation: { _ in ListWarmUps() },
                page: { try $0.page($1) { $0.name } }),
            route(Way(.post, "/v1/warm-ups", "Warm up a source, or give its warm-up another calendar"), SetWarmUp.self),
            route(Way(.get, "/v1/warm-ups/{name}", "Show a warm-up with its calendar"), ShowWarmUp.self),
            route(Way(.put, "/v1/warm-ups/{name}/pause", "Pause a warm-up; 0 seconds: let it go on"), PauseWarmUp.self),
            route(Way(.delete, "/v1/warm-ups/{name}", "End a warm-up", status: 204), RemoveWarmUp.self),
            list(
                "/v1/rules", "List delivery rules in the order in which they are tried", PageInput.self,
                operation: { _ in ListDeliveryRules() }, page: { try $0.page($1) { $0.rule.name } }),
            route(Way(.put, "/v1/rules/{name}", "Put a rule of one's own; only where every rule is proved with it"), RuleInput.self) {
                input, _ in
                SetDeliveryRule(rule: input.rule)
            },
            route(Way(.delete, "/v1/rules/{name}", "Remove a rule of one's own", status: 204), RemoveDeliveryRule.self),
            route(Way(.get, "/v1/rule-test", "Say which rule a reply meets, or prove the set"), TestDeliveryRules.self),
            list(
                "/v1/rule-replay", "Say how recorded replies are decided by the set", PageInput.self,
                operation: { _ in ReplayDeliveryRules() }, page: { try $0.page($1) { $0.reply } }),
        ]
    }
}

struct ShapingInput: Decodable, Sendable {
    var name: String
    var provider: MailProvider?
    var hosts: [DomainName]?
    var domain: DomainName?
    var route: String?
    var source: String?
    var eachSite: Bool?
    var eachSource: Bool?
    var eachAccount: Bool?
    var connections: Int?
    /// `60/min`, as all rates.
    var newConnections: [String]?
    var messagesPerConnection: Int?
    var messages: [String]?
    var recipients: [String]?
    var recipientsPerMessage: Int?
    /// `Mon,Tue 08:00-18:00`.
    var hours: [String]?

    func operation(at now: Timestamp) throws -> SetShaping {
        let scope = ShapingScope(
            provider: provider, hosts: hosts, domain: domain, route: route, source: source, eachSite: eachSite ?? false,
            eachSource: eachSource ?? false, eachAccount: eachAccount)
        let rates =
            try rates(newConnections, .connections) + rates(messages, .messages) + rates(recipients, .recipients)
        let times = try (hours ?? []).map { text in
            guard let hours = SendingHours(text) else { throw AdministrationError(.invalid, "\(text) are no hours such as 08:00-18:00") }
            return hours
        }
        let limits = ShapingLimits(
            connections: connections, messagesPerConnection: messagesPerConnection, recipientsPerMessage: recipientsPerMessage,
            rates: rates, hours: times)
        return SetShaping(policy: ShapingPolicy(name: name, scope: scope, limits: limits, createdAt: now))
    }

    private func rates(_ texts: [String]?, _ unit: ShapingRate.Unit) throws -> [ShapingRate] {
        try (texts ?? []).map { text in
            guard let rate = ShapingRate(text, of: unit) else { throw AdministrationError(.invalid, "\(text) is no rate such as 30/min") }
            return rate
        }
    }
}

struct RuleInput: Decodable, Sendable {
    var name: String
    var provider: MailProvider?
    var codes: [Int]?
    var enhanced: [String]?
    var words: String?
    /// 1: at once.
    var triggerCount: Int?
    var triggerSeconds: Int?
    var action: DeliveryRule.Action
    var seconds: Int?
    var matches: [String]
    var differs: [String]
    var disabled: Bool?

    var rule: DeliveryRule {
        var rule = DeliveryRule(
            name: name, provider: provider, codes: codes ?? [], enhanced: enhanced ?? [], words: words ?? "",
            trigger: .init(count: triggerCount ?? 1, seconds: Int64(triggerSeconds ?? 0)), action: action, seconds: Int64(seconds ?? 0),
            matches: matches, differs: differs)
        rule.isDisabled = disabled ?? false
        return rule
    }
}
