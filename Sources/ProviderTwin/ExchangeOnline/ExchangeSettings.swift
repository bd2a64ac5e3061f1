/// What the model of Exchange Online does by number. Facts that Microsoft publishes stand as they are; what it keeps secret, or where its
/// pages conflict, is marked and is a guess that can be set.
///
/// All are whole numbers so that each can be set by its name (`ExchangeSettings.names`); a switch is 0 or 1.
package struct ExchangeSettings: Sendable, Hashable {
    // Gate 1: sign-in and submission rules.

    /// 0: refused with 535 5.7.139 "basic authentication is disabled".
    package var basicAuthentication = 1
    /// 1: refused with 550 5.7.30, as announced for the time after the retirement.
    package var basicAuthenticationRetired = 0
    /// 0: off for the tenant; a mailbox may differ.
    package var smtpAuthentication = 1
    /// 1: MAIL with a foreign sender is refused with 550 5.7.60 already; 0: at the end of the data with 554 5.2.252.
    package var sendAsAtMail = 0
    /// Recipients of one message, 1…1000; a mailbox may differ.
    package var recipientsPerMessage = 500

    // Gate 2: concurrency, rate, continuous errors.

    /// Connections that one mailbox may have signed in; a message on any beyond the oldest ones is refused with 432 4.3.2.
    package var connections = 3
    /// More are accepted, and leave in the minutes that follow.
    package var messagesPerMinute = 30
    /// Unpublished: errors of one kind within `errorWindowSeconds` that begin a throttle.
    package var errorsBeforeThrottle = 10
    /// Unpublished.
    package var errorWindowSeconds = 3600
    /// Unpublished.
    package var throttleSeconds = 3600

    // Gate 3: restricted entities.

    /// From an administrator's release until mail goes again: normally within one hour, 24 hours at most.
    package var releaseDelaySeconds = 3600
    /// Unpublished: releases of one mailbox before only Microsoft's support can. 0: no bound.
    package var releasesMax = 5
    /// 1: refusals from gate 3 on come as reports to the mailbox after a 250; 0: in the dialogue. Reports of both are known.
    package var refusalsAsReports = 0

    // Gate 4.

    /// Recipients of a mailbox in any 24 hours.
    package var recipientsPerDay = 10_000

    // Gate 6: the tenant.

    /// Paid licences, from which the quota of external recipients follows.
    package var licences = 25
    /// 1: a trial tenant, with `trialExternalPerDay`.
    package var trial = 0
    package var trialExternalPerDay = 5000
    /// Of senders in `*.onmicrosoft.com`, over all mailboxes.
    package var onmicrosoftExternalPerDay = 100
    /// 1: external mail is refused with 5.7.708, as that of new and trial tenants behind addresses of bad reputation.
    package var addressRefused = 0
    /// Unpublished: messages from domains that the tenant has not registered, relayed through connectors in an hour, after which all of them
    /// are refused with 5.7.750 until support lifts it. 0: never.
    package var unregisteredPerHour = 100
    /// Unpublished: percent of a tenant's mail of an hour judged spam that bans it with 5.7.705; 0: never.
    package var tenantSpamPercent = 0

    // Gate 8: the verdict on content.

    /// More than this percent of a mailbox's mail of an hour judged spam restricts it (Microsoft's FAQ: half, an hour as an example).
    package var spamPercent = 50
    /// Unpublished: messages in the hour below which the share says nothing.
    package var spamMessagesMin = 10
    /// Unpublished: near-identical messages of one mailbox in an hour, each with `alikeLinks` links or more, that are still no spam. 0: no bound.
    package var alikePerHour = 200
    /// Unpublished.
    package var alikeLinks = 5
    /// 1: spam is returned with a report; 0: it leaves through the high-risk pool.
    package var spamReturned = 0
    /// Unpublished ("volume detector"): recipients of a mailbox in an hour, whatever the verdict, that restrict it. 0: none.
    package var volumePerHour = 0

    // Alerts.

    /// One alert for the same thing within so many seconds (15 minutes with E1 and E3, 1 minute with E5).
    package var alertWindowSeconds = 900

    package init() {}
}

extension ExchangeSettings {
    package typealias Field = WritableKeyPath<ExchangeSettings, Int> & Sendable

    /// Every number by its name.
    package static let names: [String: any Field] = [
        "basicAuthentication": \.basicAuthentication, "basicAuthenticationRetired": \.basicAuthenticationRetired,
        "smtpAuthentication": \.smtpAuthentication, "sendAsAtMail": \.sendAsAtMail, "recipientsPerMessage": \.recipientsPerMessage,
        "connections": \.connections, "messagesPerMinute": \.messagesPerMinute, "errorsBeforeThrottle": \.errorsBeforeThrottle,
        "errorWindowSeconds": \.errorWindowSeconds, "throttleSeconds": \.throttleSeconds,
        "releaseDelaySeconds": \.releaseDelaySeconds, "releasesMax": \.releasesMax, "refusalsAsReports": \.refusalsAsReports,
        "recipientsPerDay": \.recipientsPerDay, "licences": \.licences, "trial": \.trial,
        "trialExternalPerDay": \.trialExternalPerDay, "onmicrosoftExternalPerDay": \.onmicrosoftExternalPerDay,
        "addressRefused": \.addressRefused, "unregisteredPerHour": \.unregisteredPerHour,
        "tenantSpamPercent": \.tenantSpamPercent, "spamPercent": \.spamPercent, "spamMessagesMin": \.spamMessagesMin,
        "alikePerHour": \.alikePerHour, "alikeLinks": \.alikeLinks, "spamReturned": \.spamReturned, "volumePerHour": \.volumePerHour,
        "alertWindowSeconds": \.alertWindowSeconds,
    ]

    /// Every number is in here.
    package static let range = 0...10_000_000

    /// False for a name that there is not, or a number out of range.
    package mutating func set(_ name: String, _ value: Int) -> Bool {
        guard let field = ExchangeSettings.names[name], ExchangeSettings.range.contains(value) else { return false }
        self[keyPath: field] = value
        return true
    }

    package var byName: [String: Int] { ExchangeSettings.names.mapValues { self[keyPath: $0] } }

    /// External recipients of the whole tenant in 24 hours: 500 × L^0.7 + 9,500, rounded (Microsoft's table).
    package var tenantQuota: Int {
        guard trial == 0 else { return trialExternalPerDay }
        guard licences > 0 else { return 0 }
        // L^0.7 is the tenth root of L^7, found by Newton's steps from above.
        let power = (0..<7).reduce(1.0) { product, _ in product * Double(licences) }
        var root = Double(licences)
        for _ in 0..<200 {
            let ninth = (0..<9).reduce(1.0) { product, _ in product * root }
            root -= (root * ninth - power) / (10 * ninth)
        }
        return Int((500 * root + 9500).rounded())
    }
}
