import MailModel
import OutboundPolicy
import ProviderTwin
import Simulation
import Yams

/// A plan as it is written; docs/simulate.md has its fields.
struct SimulationFile: Codable {
    struct Send: Codable {
        var name: String?
        var at: String?
        var messages: Int
        var recipientsPerMessage: Int?
        var over: String?
        var domain: String?
        /// Shares, in place of one domain.
        var domains: [String: Int]?
        var sender: EmailAddress?
        var unknownPercent: Int?
    }

    struct Receiver: Codable {
        var domains: [DomainName]?
        var settings: [String: Int]?
    }

    /// Postern's own limits of each sender.
    struct Limits: Codable {
        var externalPerHour: Int?
        var recipientsPerDay: Int?
        var action: LimitAction?
    }

    struct Policy: Codable {
        var externalPerHour: Int?
        var internalPerHour: Int?
        var recipientsPerDay: Int?
        var action: String?
    }

    struct Provider: Codable {
        var policy: Policy?
        var settings: [String: Int]?
    }

    struct Through: Codable {
        /// `gate`, `direct` or `script`.
        var way: String?
        /// With `direct`: the calendar of a new source.
        var warmUp: String?
        var preset: String?
        /// `500 recipients/hour`; in place of the preset's.
        var rates: [String]?
        var connections: Int?
    }

    var start: String?
    var mailbox: String?
    var send: [Send]
    var provider: Provider?
    /// By provider, with `direct`.
    var receivers: [String: Receiver]?
    var limits: Limits?
    var through: Through?
    var longest: String?
    var seed: UInt64?

    static func read(_ yaml: String) throws -> SimulationPlan { try decode(yaml).plan() }

    private static func decode(_ yaml: String) throws -> SimulationFile {
        do {
            return try YAMLDecoder().decode(SimulationFile.self, from: yaml)
        } catch {
            throw AdministrationError(.invalid, "the plan cannot be read: \(error)", "docs/simulate.md has its fields.")
        }
    }

    /// The same plan with what the proposal changes, to be run.
    static func text(_ proposal: Simulation.Proposal, of yaml: String) throws -> String {
        var file = try decode(yaml)
        if let warmUp = proposal.warmUp {
            file.through?.warmUp = warmUp.rawValue
            file.longest = "90d"
            return try YAMLEncoder().encode(file)
        }
        file.through = Through(
            way: "gate", rates: proposal.limits.rates.map { "\($0.amount) \($0.unit.rawValue)/\($0.period.rawValue)" },
            connections: proposal.limits.connections)
        file.longest = "30d"
        return try YAMLEncoder().encode(file)
    }

    private static func wrong(_ text: String) -> AdministrationError {
        AdministrationError(.invalid, text, "docs/simulate.md has the fields.")
    }

    private func plan() throws -> SimulationPlan {
        guard let start = Timestamp(rfc3339: start ?? "2026-11-23T09:00:00Z") else {
            throw SimulationFile.wrong("start is no time in RFC 3339")
        }
        var tenant = ExchangeTenant.contoso
        let senders = send.compactMap(\.sender)
        guard let mailbox = EmailAddress(mailbox ?? "app@contoso.test") else { throw SimulationFile.wrong("mailbox is no address") }
        if !tenant.mailboxes.contains(where: { $0.address == mailbox }) {
            tenant.mailboxes.append(ExchangeMailbox(mailbox, password: "twin"))
            if let domain = mailbox.domain, !tenant.acceptedDomains.contains(domain) { tenant.acceptedDomains.insert(domain, at: 0) }
        }
        // Who sends through the mailbox has the right to.
        if let index = tenant.mailboxes.firstIndex(where: { $0.address == mailbox }) { tenant.mailboxes[index].sendAs.formUnion(senders) }
        try configure(&tenant)
        guard let longest = SimulationFile.duration(longest ?? "14d"), longest >= .seconds(1), longest <= .seconds(366 * 86_400) else {
            throw SimulationFile.wrong("longest is a time such as 36h, up to 366d")
        }
        var plan = SimulationPlan(
            start: start, batches: try send.enumerated().map { try batch($0.element, $0.offset, start) }, way: try way(), mailbox: mailbox,
            tenant: tenant, longest: longest)
        plan.seed = seed ?? 1
        plan.policy = try limits.map(policy)
        if through?.way == "direct" { plan.target = try target() }
        let count = send.reduce(0) { $0 + $1.messages }
        guard (1...SimulationPlan.messagesMax).contains(count) else {
            throw SimulationFile.wrong("send has 1 to \(SimulationPlan.messagesMax) messages in all")
        }
        return plan
    }

    private func configure(_ tenant: inout ExchangeTenant) throws {
        let policy = provider?.policy
        let change = TwinPolicyChange(
            externalPerHour: policy?.externalPerHour, internalPerHour: policy?.internalPerHour, recipientsPerDay: policy?.recipientsPerDay,
            action: policy?.action)
        guard change.apply(to: &tenant.defaultPolicy) else {
            throw SimulationFile.wrong("limits of a policy are from 0 to 10000, its actions Alert, BlockUser and BlockUserForToday")
        }
        for (name, value) in provider?.settings ?? [:] where !tenant.settings.set(name, value) {
            throw SimulationFile.wrong("\(name): \(value) is no setting of the provider")
        }
    }

    private func batch(_ send: Send, _ index: Int, _ start: Timestamp) throws -> SimulationPlan.Batch {
        guard let at = send.at.map({ Timestamp(rfc3339: $0) }) ?? start else { throw SimulationFile.wrong("at is no time in RFC 3339") }
        guard let over = SimulationFile.duration(send.over ?? "0s") else { throw SimulationFile.wrong("over is a time such as 90m") }
        let domains = try domains(send)
        guard (0...100).contains(send.unknownPercent ?? 0) else { throw SimulationFile.wrong("unknownPercent is 0 to 100") }
        let recipients = send.recipientsPerMessage ?? 1
        guard (1...1000).contains(recipients), (1...SimulationPlan.messagesMax).contains(send.messages) else {
            throw SimulationFile.wrong("messages is 1 to \(SimulationPlan.messagesMax), recipientsPerMessage 1 to 1000")
        }
        var batch = SimulationPlan.Batch(
            name: send.name ?? "batch \(index + 1)", at: max(at, start), messages: send.messages, recipientsPerMessage: recipients,
            over: over, domains: domains)
        (batch.sender, batch.unknownPercent) = (send.sender, send.unknownPercent ?? 0)
        return batch
    }

    /// A hundred places, shared out as the numbers say, evenly mixed.
    private func domains(_ send: Send) throws -> [DomainName] {
        let shares = (send.domains ?? [send.domain ?? "example.com": 1]).sorted { $0.key < $1.key }
        let all = shares.reduce(0) { $0 + max(0, $1.value) }
        let names = shares.compactMap { DomainName($0.key) }
        guard names.count == shares.count, shares.allSatisfy({ (1...1_000_000).contains($0.value) }), (1...20).contains(names.count) else {
            throw SimulationFile.wrong("domains are 1 to 20 names, each with its share")
        }
        guard names.count > 1 else { return names }
        var taken = [Int](repeating: 0, count: names.count)
        return (1...100).map { turn in
            let behind = names.indices.max { shares[$0].value * turn - taken[$0] * all < shares[$1].value * turn - taken[$1] * all } ?? 0
            taken[behind] += 1
            return names[behind]
        }
    }

    private func policy(_ limits: Limits) throws -> SendingPolicy {
        var policy = SendingPolicy(name: SendingPolicy.defaultName, priority: 0)
        let numbers = [limits.externalPerHour ?? 0, limits.recipientsPerDay ?? 0]
        guard numbers.allSatisfy((0...1_000_000).contains) else { throw SimulationFile.wrong("limits are from 0 to 1000000") }
        (policy.externalPerHour, policy.recipientsPerDay, policy.action) = (numbers[0], numbers[1], limits.action ?? .restrictToday)
        return policy
    }

    private func target() throws -> SimulationPlan.Target {
        var (providers, demands) = ([DomainName: ReceiverProvider](), [ReceiverProvider: ReceiverDemands]())
        for provider in ReceiverProvider.allCases {
            var numbers = ReceiverDemands(provider)
            // A first refusal of everyone says nothing about a plan.
            numbers.greylistSeconds = 0
            let written = receivers?[provider.rawValue]
            for (name, value) in written?.settings ?? [:] where !numbers.set(name, value) {
                throw SimulationFile.wrong("\(name): \(value) is no setting of \(provider.rawValue)")
            }
            demands[provider] = numbers
            for domain in written?.domains ?? provider.domains.compactMap({ DomainName($0) }) { providers[domain] = provider }
        }
        if let unknown = receivers?.keys.first(where: { ReceiverProvider(rawValue: $0) == nil }) {
            throw SimulationFile.wrong("\(unknown) is no receiver")
        }
        let name = through?.warmUp ?? "none"
        guard let calendar = WarmUpPlan(rawValue: name) else {
            guard name == "none" else { throw SimulationFile.wrong("warmUp is none, standard, careful or fast") }
            return .receivers(providers: providers, demands: demands, warmUp: nil)
        }
        return .receivers(providers: providers, demands: demands, warmUp: calendar)
    }

    private func way() throws -> SimulationPlan.Way {
        switch through?.way ?? "gate" {
        case "script": return .script
        case "gate", "direct": break
        default: throw SimulationFile.wrong("way is gate, direct or script")
        }
        var limits = ShapingLimits()
        let preset =
            through?.preset ?? (through?.rates == nil && through?.way != "direct" ? ShapingPreset.microsoft365Mailbox.rawValue : nil)
        if let preset {
            guard let known = ShapingPreset(rawValue: preset) else {
                throw SimulationFile.wrong("preset is one of \(ShapingPreset.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            limits = known.limits
        }
        if let rates = through?.rates {
            limits.rates = try rates.map { text in
                let words = text.split(separator: "/").map { $0.trimmingPrefix(" ") }
                let amount = words.first?.split(separator: " ").map(String.init) ?? []
                guard words.count == 2, amount.count == 2, let unit = ShapingRate.Unit(rawValue: amount[1]),
                    let rate = ShapingRate("\(amount[0])/\(words[1])", of: unit)
                else { throw SimulationFile.wrong("\(text) is no rate such as 500 recipients/hour") }
                return rate
            }
        }
        if let connections = through?.connections { limits.connections = connections }
        if let mistake = limits.mistake { throw SimulationFile.wrong(mistake) }
        return .gate(limits)
    }

    /// `90s`, `30m`, `36h`, `14d`.
    private static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, let count = Int64(text.dropLast()), (0...1_000_000).contains(count) else { return nil }
        switch unit {
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        case "d": return .seconds(count * 86_400)
        default: return nil
        }
    }
}
