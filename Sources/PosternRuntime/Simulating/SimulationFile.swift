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
        /// `gate` or `script`.
        var way: String?
        var preset: String?
        /// `500 recipients/hour`; in place of the preset's.
        var rates: [String]?
        var connections: Int?
    }

    var start: String?
    var mailbox: String?
    var send: [Send]
    var provider: Provider?
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
        guard let mailbox = EmailAddress(mailbox ?? "app@contoso.test") else { throw SimulationFile.wrong("mailbox is no address") }
        if !tenant.mailboxes.contains(where: { $0.address == mailbox }) {
            tenant.mailboxes.append(ExchangeMailbox(mailbox, password: "twin"))
            if let domain = mailbox.domain, !tenant.acceptedDomains.contains(domain) { tenant.acceptedDomains.insert(domain, at: 0) }
        }
        try configure(&tenant)
        guard let longest = SimulationFile.duration(longest ?? "14d"), longest >= .seconds(1), longest <= .seconds(366 * 86_400) else {
            throw SimulationFile.wrong("longest is a time such as 36h, up to 366d")
        }
        var plan = SimulationPlan(
            start: start, batches: try send.enumerated().map { try batch($0.element, $0.offset, start) }, way: try way(), mailbox: mailbox,
            tenant: tenant, longest: longest)
        plan.seed = seed ?? 1
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
        guard let domain = DomainName(send.domain ?? "example.com") else { throw SimulationFile.wrong("domain is no domain") }
        let recipients = send.recipientsPerMessage ?? 1
        guard (1...1000).contains(recipients), (1...SimulationPlan.messagesMax).contains(send.messages) else {
            throw SimulationFile.wrong("messages is 1 to \(SimulationPlan.messagesMax), recipientsPerMessage 1 to 1000")
        }
        return SimulationPlan.Batch(
            name: send.name ?? "batch \(index + 1)", at: max(at, start), messages: send.messages, recipientsPerMessage: recipients,
            over: over, domain: domain)
    }

    private func way() throws -> SimulationPlan.Way {
        switch through?.way ?? "gate" {
        case "script": return .script
        case "gate": break
        default: throw SimulationFile.wrong("way is gate or script")
        }
        var limits = ShapingLimits()
        let preset = through?.preset ?? (through?.rates == nil ? ShapingPreset.microsoft365Mailbox.rawValue : nil)
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
