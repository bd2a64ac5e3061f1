package import MailModel

/// The model of Exchange Online as a submission service: one tenant, its mailboxes, and what the service remembers of them.
///
/// Pure: the shell says what happened and when, and gets replies. The gates stand in the order of the one-page model of the facts; a throttle
/// is looked at before the rules that lead to it, since a throttled mailbox gets that answer to everything. Time may not run backwards.
package struct ExchangeOnline: Sendable {
    package internal(set) var tenant: ExchangeTenant
    var memories: [EmailAddress: MailboxMemory] = [:]
    var owners: [ExchangeSession: EmailAddress] = [:]
    var indexes: [EmailAddress: Int] = [:]
    var tenantExternal = SlidingCount(window: .seconds(86_400))
    var onmicrosoftExternal = SlidingCount(window: .seconds(86_400))
    var tenantJudged = SlidingCount(window: .seconds(3600))
    var tenantSpam = SlidingCount(window: .seconds(3600))
    package internal(set) var isTenantBanned = false
    /// Relayed mail from domains that are not the tenant's, and whether it is blocked.
    var unregistered = SlidingCount(window: .seconds(3600))
    package internal(set) var isUnregisteredBlocked = false
    /// Connections from the networks of a connector.
    var relays: [ExchangeSession: ExchangeConnector] = [:]
    package internal(set) var alerts = RecentList<ExchangeAlert>(countMax: 1000)
    package internal(set) var trace = RecentList<ExchangeTraceRow>(countMax: 10_000)
    var tokens = ExchangeTokens()
    var lastNumber: UInt64 = 0

    /// What the mailbox server calls itself in replies.
    package static let host = "AM0PR05MB4242.eurprd05.prod.outlook.com"
    /// What the front end calls itself in the greeting.
    package static let frontEnd = "AM0PR05CA0042.outlook.office365.com"

    package init(_ tenant: ExchangeTenant = .contoso) {
        precondition(tenant.mailboxes.count <= ExchangeTenant.mailboxesMax)
        self.tenant = tenant
        index()
    }

    /// Changes what is remembered of a mailbox, in its place.
    mutating func remember<Result>(_ address: EmailAddress, _ body: (inout MailboxMemory) -> Result) -> Result {
        body(&memories[address, default: MailboxMemory()])
    }

    mutating func index() {
        indexes = [:]
        for (position, mailbox) in tenant.mailboxes.enumerated() {
            for address in [mailbox.address] + mailbox.aliases { indexes[address] = position }
        }
    }

    var settings: ExchangeSettings { tenant.settings }

    package func mailbox(_ address: EmailAddress) -> ExchangeMailbox? { indexes[address].map { tenant.mailboxes[$0] } }

    /// The reply with what replies of the front end end in: host, time and an id.
    mutating func marked(_ code: Int, _ subject: Int, _ detail: Int, _ text: String, at now: Timestamp) -> SMTPReply {
        let id = String(nextNumber(), radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 16 - id.count)) + id
        return ExchangeReplies.reply(
            code, subject, detail, "\(text) [\(ExchangeOnline.host) \(now.rfc3339) \(padded)]")
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        // Numbers that look like those of the service, and are the same in each run.
        var hash = StableHash()
        for shift in stride(from: 0, to: 64, by: 8) { hash.add(UInt8(truncatingIfNeeded: lastNumber >> UInt64(shift))) }
        return hash.value
    }

    // MARK: - Gate 1: sign-in

    /// A connection began. One from a connector's network needs no sign-in.
    package mutating func opened(_ session: ExchangeSession, from address: IPAddress) { relays[session] = tenant.connector(of: address) }

    /// AUTH PLAIN or LOGIN. 235 signs the connection in.
    package mutating func signIn(name: String, password: String, session: ExchangeSession, at now: Timestamp) -> SMTPReply {
        guard settings.basicAuthenticationRetired == 0 else {
            return ExchangeReplies.reply(550, 7, 30, ExchangeReplies.basicAuthenticationRetired)
        }
        guard settings.basicAuthentication != 0 else {
            return marked(535, 7, 139, ExchangeReplies.basicAuthenticationDisabled, at: now)
        }
        guard let address = EmailAddress(name), let mailbox = mailbox(address),
            ConstantTime.isEqual(mailbox.password, password)
        else { return marked(535, 7, 139, ExchangeReplies.credentialsIncorrect, at: now) }
        return admit(mailbox, session, at: now)
    }

    /// AUTH XOAUTH2.
    package mutating func signIn(user: String, token: String, session: ExchangeSession, at now: Timestamp) -> SMTPReply {
        guard let address = EmailAddress(user), let mailbox = mailbox(address), tokens.allows(token, mailbox.address, at: now) else {
            return marked(535, 7, 3, ExchangeReplies.tokenRefused, at: now)
        }
        return admit(mailbox, session, at: now)
    }

    private mutating func admit(_ mailbox: ExchangeMailbox, _ session: ExchangeSession, at now: Timestamp) -> SMTPReply {
        guard mailbox.isEnabled else { return marked(535, 7, 139, ExchangeReplies.criteriaNotMet, at: now) }
        guard mailbox.allowsSMTPAuthentication ?? (settings.smtpAuthentication != 0) else {
            let scope = mailbox.allowsSMTPAuthentication == nil ? "Tenant" : "Mailbox"
            return marked(535, 7, 139, ExchangeReplies.smtpAuthenticationDisabled(for: scope), at: now)
        }
        leave(session)
        owners[session] = mailbox.address
        remember(mailbox.address) { $0.sessions.append(session) }
        return ExchangeReplies.reply(235, 7, 0, "Authentication successful")
    }

    /// The connection is gone.
    package mutating func closed(_ session: ExchangeSession) {
        relays[session] = nil
        leave(session)
    }

    private mutating func leave(_ session: ExchangeSession) {
        guard let address = owners.removeValue(forKey: session) else { return }
        memories[address]?.sessions.removeAll { $0 == session }
    }

    package mutating func mail(_ reversePath: ReversePath, session: ExchangeSession, at now: Timestamp) -> SMTPReply {
        guard let address = owners[session], let mailbox = mailbox(address) else {
            guard relays[session] == nil else { return ExchangeReplies.reply(250, 1, 0, "Sender OK") }
            return marked(530, 7, 57, ExchangeReplies.notAuthenticated, at: now)
        }
        if settings.sendAsAtMail != 0, let sender = reversePath.address, !mailbox.maySend(as: sender) {
            if let throttle = remember(address, { $0.errors.current(at: now) }) {
                return ExchangeReplies.throttled(throttle.error)
            }
            failed(.sendAsDenied, address, at: now)
            return ExchangeReplies.sendAsAtMail
        }
        return ExchangeReplies.reply(250, 1, 0, "Sender OK")
    }

    /// Recipients are looked at with the message.
    package func recipient() -> SMTPReply { ExchangeReplies.reply(250, 1, 5, "Recipient OK") }
}
