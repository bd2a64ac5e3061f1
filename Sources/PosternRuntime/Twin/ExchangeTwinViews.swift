import MailModel
import ProviderTwin

/// What the interface of the twin shows, as JSON.
package struct TwinMailboxView: Codable, Sendable {
    package struct Throttle: Codable, Sendable {
        package var reply: String
        package var until: String
    }

    package struct Restriction: Codable, Sendable {
        package var number: Int
        package var reason: String
        package var since: String
        package var until: String?
        package var temporary: Bool
    }

    package var address: String
    package var enabled: Bool
    package var licensed: Bool
    package var full: Bool
    package var sendAs: [String]
    package var connections: Int
    package var recipientsOfDay: Int
    package var externalOfHour: Int
    package var internalOfHour: Int
    package var accepted: Int
    package var refused: Int
    package var errors: [String: Int]
    package var throttle: Throttle?
    package var restriction: Restriction?

    init(_ state: ExchangeMailboxState) {
        address = "\(state.mailbox.address)"
        (enabled, licensed, full) = (state.mailbox.isEnabled, state.mailbox.isLicensed, state.mailbox.isFull)
        sendAs = state.mailbox.sendAs.map { "\($0)" }.sorted()
        connections = state.connections
        (recipientsOfDay, externalOfHour, internalOfHour) = (state.recipientsOfDay, state.externalOfHour, state.internalOfHour)
        (accepted, refused, errors) = (state.accepted, state.refused, state.errors)
        throttle = state.throttle.map { Throttle(reply: "550 5.2.\($0.error.rawValue)", until: $0.until.rfc3339) }
        restriction = state.restriction.map {
            Restriction(
                number: $0.number, reason: $0.reason, since: $0.since.rfc3339, until: $0.until?.rfc3339, temporary: $0.isTemporary)
        }
    }
}

extension TwinMailboxView {
    /// What stands in its way; empty where it sends.
    package var words: [String] {
        var words: [String] = []
        if !enabled { words.append("disabled") }
        if !licensed { words.append("no licence") }
        if full { words.append("full") }
        if let throttle { words.append("throttled \(throttle.reply) until \(throttle.until)") }
        if let restriction {
            words.append("restricted AS(\(restriction.number)) \(restriction.reason) until \(restriction.until ?? "released")")
        }
        return words
    }
}

package struct TwinPolicyView: Codable, Sendable {
    package var externalPerHour: Int
    package var internalPerHour: Int
    package var recipientsPerDay: Int
    package var action: String

    init(_ policy: ExchangePolicy) {
        (externalPerHour, internalPerHour, recipientsPerDay) = (policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay)
        action = policy.action.rawValue
    }
}

package struct TwinAlertView: Codable, Sendable {
    package var at: String
    package var name: String
    package var severity: String
    package var entity: String
    package var hits: Int

    init(_ alert: ExchangeAlert) {
        (at, name, severity, entity, hits) = (alert.at.rfc3339, alert.name, alert.severity, alert.entity, alert.hits)
    }
}

package struct TwinStateView: Codable, Sendable {
    package struct Tenant: Codable, Sendable {
        package var domains: [String]
        package var externalOfDay: Int
        package var quota: Int
        package var banned: Bool
    }

    package var now: String
    package var clock: String
    package var tenant: Tenant
    package var policy: TwinPolicyView
    package var mailboxes: [TwinMailboxView]
    package var alerts: [TwinAlertView]
    package var settings: [String: Int]
}

package struct TwinMessageView: Codable, Sendable {
    package var id: String
    package var sender: String
    package var recipients: [String]
    package var subject: String
    package var acceptedAt: String
    package var leavesAt: String
    package var left: Bool
    package var pool: String
    package var size: Int

    init(_ message: TwinMessage, at now: Timestamp) {
        (id, sender, subject, pool, size) = (message.id, message.sender, message.subject, message.place, message.content.count)
        recipients = message.recipients.map { "\($0)" }
        (acceptedAt, leavesAt, left) = (message.acceptedAt.rfc3339, message.leavesAt.rfc3339, message.leavesAt <= now)
    }
}

struct TwinTraceView: Codable, Sendable {
    var received: String
    var messageTraceId: String
    var senderAddress: String
    var recipientAddress: String
    var status: String
    var pool: String

    init(_ row: ExchangeTraceRow) {
        (received, messageTraceId, status, pool) = (row.receivedAt.rfc3339, row.id, row.status, row.pool.rawValue)
        (senderAddress, recipientAddress) = ("\(row.sender)", "\(row.recipient)")
    }
}

/// Fields that are not there stay as they are.
struct TwinMailboxChange: Codable, Sendable {
    var password: String?
    var enabled: Bool?
    var licensed: Bool?
    var full: Bool?
    var smtpAuthentication: Bool?
    /// Sets the whole list.
    var sendAs: [EmailAddress]?
    var grantSendAs: EmailAddress?
    var revokeSendAs: EmailAddress?

    func apply(to mailbox: inout ExchangeMailbox) {
        if let password { mailbox.password = password }
        if let enabled { mailbox.isEnabled = enabled }
        if let licensed { mailbox.isLicensed = licensed }
        if let full { mailbox.isFull = full }
        if let smtpAuthentication { mailbox.allowsSMTPAuthentication = smtpAuthentication }
        if let sendAs { mailbox.sendAs = Set(sendAs.prefix(1000)) }
        if let grantSendAs, mailbox.sendAs.count < 1000 { mailbox.sendAs.insert(grantSendAs) }
        if let revokeSendAs { mailbox.sendAs.remove(revokeSendAs) }
    }
}

struct TwinPolicyChange: Codable, Sendable {
    var externalPerHour: Int?
    var internalPerHour: Int?
    var recipientsPerDay: Int?
    var action: String?

    static let mistake = "Numbers are from 0 to 10000; actions are Alert, BlockUser and BlockUserForToday."

    /// False where a number or the action is none.
    func apply(to policy: inout ExchangePolicy) -> Bool {
        // The range of the cmdlet's parameters.
        let numbers = [externalPerHour, internalPerHour, recipientsPerDay].compactMap { $0 }
        guard numbers.allSatisfy((0...10_000).contains) else { return false }
        if let action {
            guard let known = ExchangePolicyAction.allCases.first(where: { $0.rawValue.lowercased() == action.lowercased() }) else {
                return false
            }
            policy.action = known
        }
        if let externalPerHour { policy.externalPerHour = externalPerHour }
        if let internalPerHour { policy.internalPerHour = internalPerHour }
        if let recipientsPerDay { policy.recipientsPerDay = recipientsPerDay }
        return true
    }
}

struct TwinJump: Codable, Sendable {
    var seconds: Int

    static let range = 0...366 * 86_400
    static let mistake = "The clock moves on by 0 seconds to a year."
}

struct TwinProblem: Codable, Sendable {
    var detail: String
}

/// What an administrator of the tenant sets beside mailboxes and policy. Each list takes the place of the one before.
struct TwinTenantChange: Codable, Sendable {
    struct Connector: Codable, Sendable {
        var address: EmailAddress
        /// `192.0.2.0/24`.
        var networks: [String]
    }

    var blockedRecipients: [EmailAddress]?
    var domainsWithoutDNS: [DomainName]?
    var refusedWords: [String]?
    var connectors: [Connector]?

    static let mistake = "Networks are written like 192.0.2.0/24; no list has more than 1000 entries."

    /// False where there is something that cannot be.
    func apply(to tenant: inout ExchangeTenant) -> Bool {
        let made = connectors?.map { ExchangeConnector($0.address, networks: $0.networks.compactMap { IPNetwork($0) }) }
        guard zip(made ?? [], connectors ?? []).allSatisfy({ $0.networks.count == $1.networks.count }) else { return false }
        let counts = [blockedRecipients?.count, domainsWithoutDNS?.count, refusedWords?.count, made?.count].compactMap { $0 }
        guard counts.allSatisfy({ $0 <= 1000 }) else { return false }
        if let blockedRecipients { tenant.blockedRecipients = Set(blockedRecipients) }
        if let domainsWithoutDNS { tenant.domainsWithoutDNS = Set(domainsWithoutDNS) }
        if let refusedWords { tenant.refusedWords = refusedWords.filter { !$0.isEmpty } }
        if let made { tenant.connectors = made }
        return true
    }
}

extension ExchangeOnline {
    /// False where the change cannot be.
    mutating func configure(_ change: TwinTenantChange) -> Bool {
        var tenant = tenant
        guard change.apply(to: &tenant) else { return false }
        configure { $0 = tenant }
        return true
    }
}
