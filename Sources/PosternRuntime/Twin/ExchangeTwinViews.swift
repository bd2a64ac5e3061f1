import MailModel
import ProviderTwin

/// What the interface of the twin shows, as JSON.
struct TwinMailboxView: Codable, Sendable {
    struct Throttle: Codable, Sendable {
        var reply: String
        var until: String
    }

    struct Restriction: Codable, Sendable {
        var number: Int
        var reason: String
        var since: String
        var until: String?
        var temporary: Bool
    }

    var address: String
    var enabled: Bool
    var licensed: Bool
    var full: Bool
    var sendAs: [String]
    var connections: Int
    var recipientsOfDay: Int
    var externalOfHour: Int
    var internalOfHour: Int
    var accepted: Int
    var refused: Int
    var errors: [String: Int]
    var throttle: Throttle?
    var restriction: Restriction?

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

struct TwinPolicyView: Codable, Sendable {
    var externalPerHour: Int
    var internalPerHour: Int
    var recipientsPerDay: Int
    var action: String

    init(_ policy: ExchangePolicy) {
        (externalPerHour, internalPerHour, recipientsPerDay) = (policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay)
        action = policy.action.rawValue
    }
}

struct TwinAlertView: Codable, Sendable {
    var at: String
    var name: String
    var severity: String
    var entity: String
    var hits: Int

    init(_ alert: ExchangeAlert) {
        (at, name, severity, entity, hits) = (alert.at.rfc3339, alert.name, alert.severity, alert.entity, alert.hits)
    }
}

struct TwinStateView: Codable, Sendable {
    struct Tenant: Codable, Sendable {
        var domains: [String]
        var externalOfDay: Int
        var quota: Int
        var banned: Bool
    }

    var now: String
    var clock: String
    var tenant: Tenant
    var policy: TwinPolicyView
    var mailboxes: [TwinMailboxView]
    var alerts: [TwinAlertView]
    var settings: [String: Int]
}

struct TwinMessageView: Codable, Sendable {
    var id: String
    var sender: String
    var recipients: [String]
    var subject: String
    var acceptedAt: String
    var leavesAt: String
    var left: Bool
    var pool: String
    var size: Int

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
}

struct TwinProblem: Codable, Sendable {
    var detail: String
}
