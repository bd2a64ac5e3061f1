package import InternetMessage
package import MailModel
package import OutboundPolicy
package import SMTPProtocol

/// What a process needs to start, one struct for each section of the settings file. `SettingTable` documents each key with its range and
/// default; what people change while the gate runs (accounts, connectors, routes …) is in the store instead.
package struct Settings: Hashable, Sendable {
    package var node: NodeSettings
    package var submission: SubmissionSettings
    package var tls: TLSSettings
    package var http: HTTPSettings
    package var delivery: DeliverySettings
    package var bulk: BulkSettings
    package var campaigns: CampaignSettings
    package var lists: ListSettings
    package var scan: ScanSettings
    package var reports: ReportSettings
    package var domain: DomainSettings
    package var reputation: ReputationSettings
    package var queue: QueueSettings
    package var storage: StorageSettings
    package var receiver: ReceiverSettings
    package var alerts: AlertSettings
    package var tlsReports: TLSReportSettings
    package var dkim: DKIMSettings
    package var log: LogSettings
    private let values: SettingValues
    private let machineName: DomainName

    init(_ values: SettingValues, machineName: DomainName) {
        self.values = values
        self.machineName = machineName
        node = NodeSettings(values, machineName: machineName)
        submission = SubmissionSettings(values)
        tls = TLSSettings(values)
        http = HTTPSettings(values)
        delivery = DeliverySettings(values, hostName: node.hostName)
        bulk = BulkSettings(values)
        campaigns = CampaignSettings(values)
        lists = ListSettings(values)
        scan = ScanSettings(values)
        reports = ReportSettings(values)
        domain = DomainSettings(values)
        reputation = ReputationSettings(values)
        queue = QueueSettings(values)
        storage = StorageSettings(values)
        receiver = ReceiverSettings(values)
        alerts = AlertSettings(values)
        tlsReports = TLSReportSettings(values)
        dkim = DKIMSettings(values)
        log = LogSettings(values)
    }

    /// The names of the keys that differ, in the table's order.
    func changedKeys(from old: Settings) -> [SettingKey] {
        SettingTable.keys.filter { values[$0.name] != old.values[$0.name] }
    }

    /// These settings as a process that was started with `old` can have them without a restart.
    func applied(to old: Settings) -> Settings {
        var values = values
        for key in SettingTable.keys where key.needsRestart { values[key.name] = old.values[key.name] }
        return Settings(values, machineName: old.machineName)
    }
}

package struct NodeSettings: Hashable, Sendable {
    /// Nil: a free number is taken at each start.
    package var id: UInt8?
    package var hostName: DomainName
    /// How long others leave alone what the node holds when nothing is heard of it.
    package var lease: Duration

    init(_ values: SettingValues, machineName: DomainName) {
        id = values.optionalInteger("node.id").map { UInt8(clamping: $0) }
        lease = values.duration("node.lease")
        hostName = values.optionalHostName("node.host-name") ?? machineName
    }
}

package struct SubmissionSettings: Hashable, Sendable {
    package var address: IPAddress
    /// 0: any free port.
    package var port: Int
    /// 0: off.
    package var tlsPort: Int
    /// 0: off.
    package var relayPort: Int
    package var messageBytesMax: Int
    package var recipientsMax: Int
    package var connectionsMax: Int
    package var connectionsPerAddressMax: Int
    package var idleTimeout: Duration
    package var memoryBytesMax: Int
    package var proxyNetworks: [IPNetwork]
    package var requestsClientCertificates: Bool
    package var receivedMax: Int
    package var throttleErrors: Int
    package var throttleWindow: Duration
    package var throttlePeriod: Duration
    /// 0: not offered.
    package var futureReleaseDaysMax: Int

    init(_ values: SettingValues) {
        address = values.address("submission.address")
        port = values.integer("submission.port")
        tlsPort = values.integer("submission.tls-port")
        relayPort = values.integer("submission.relay-port")
        messageBytesMax = values.integer("submission.message-bytes-max")
        recipientsMax = values.integer("submission.recipients-max")
        connectionsMax = values.integer("submission.connections-max")
        connectionsPerAddressMax = values.integer("submission.connections-per-address-max")
        idleTimeout = values.duration("submission.idle-timeout")
        memoryBytesMax = values.integer("submission.memory-bytes-max")
        proxyNetworks = values.list("submission.proxy-networks") { if case .network(let network) = $0 { network } else { nil } }
        requestsClientCertificates = values.boolean("submission.request-client-certificates")
        receivedMax = values.integer("submission.received-max")
        throttleErrors = values.integer("submission.throttle-errors")
        throttleWindow = values.duration("submission.throttle-window")
        throttlePeriod = values.duration("submission.throttle-period")
        futureReleaseDaysMax = values.integer("submission.future-release-days-max")
    }
}

package struct TLSSettings: Hashable, Sendable {
    /// Path as written; see `DataDirectory.path(of:)`.
    package var certificate: String
    package var key: String

    init(_ values: SettingValues) {
        certificate = values.text("tls.certificate")
        key = values.text("tls.key")
    }
}

package struct HTTPSettings: Hashable, Sendable {
    package var address: IPAddress
    /// 0: any free port.
    package var port: Int
    package var usesTLS: Bool
    package var allowsPlaintext: Bool
    /// Of reverse proxies whose X-Forwarded-For is believed.
    package var proxyNetworks: [IPNetwork]
    /// For each API key.
    package var requestsPerSecond: Int
    /// Of the console, from the sign-in on.
    package var sessionLifetime: Duration
    /// Without a request.
    package var sessionIdle: Duration
    /// Without a slash at its end; nil: as the browser says.
    package var publicURL: String?
    /// Between the clocks of sign-in providers and this one.
    package var signInSkew: Duration

    init(_ values: SettingValues) {
        address = values.address("http.address")
        port = values.integer("http.port")
        usesTLS = values.boolean("http.tls")
        allowsPlaintext = values.boolean("http.allow-plaintext")
        proxyNetworks = values.list("http.proxy-networks") { if case .network(let network) = $0 { network } else { nil } }
        requestsPerSecond = values.integer("http.requests-per-second")
        sessionLifetime = values.duration("http.session-lifetime")
        sessionIdle = values.duration("http.session-idle")
        publicURL = values.optionalText("http.public-url").map { url in url.hasSuffix("/") ? String(url.dropLast()) : url }
        signInSkew = values.duration("http.sign-in-skew")
    }

    /// What is wrong with the settings together; nil where nothing is.
    var problem: String? {
        if let publicURL, !publicURL.hasPrefix("https://"), !publicURL.hasPrefix("http://") {
            return "http.public-url: \"\(publicURL)\" is no address such as https://postern.example.org"
        }
        guard !address.isLoopback, !usesTLS, !allowsPlaintext else { return nil }
        return "http.address: \(address) is not loopback, and keys would go over it in the clear: set http.tls, or http.allow-plaintext"
    }
}

package struct DeliverySettings: Hashable, Sendable {
    package var port: Int
    /// Empty: those of the system.
    package var resolvers: [ResolverEndpoint]
    /// Nil: no validation of our own.
    package var dnssecTrustAnchor: String?
    /// Opportunistic TLS goes down to 1.0.
    package var takesOldTLS: Bool
    package var tlsRoots: String?
    package var usesMTASTS: Bool
    package var mtaSTSPort: Int
    /// Zero: not at all.
    package var tlsRemembered: Duration
    /// True: mail waits.
    package var defersLostTLS: Bool
    package var attemptsMaxInFlight: Int
    /// Waits between attempts, the last repeated; never empty.
    package var retry: [Duration]
    package var expire: Duration
    /// Nil: never.
    package var warnAfter: Duration?
    package var upstreamAccessWait: Duration
    package var upstreamLimitWait: Duration
    package var upstreamConnectionsWait: Duration
    package var connectTimeout: Duration
    /// Of each stage after that.
    package var timeouts = SMTPClientTimeouts()
    /// Nil: the system chooses.
    package var sourceAddress: IPAddress?
    /// As which receivers see the default source; empty: as `sourceAddress`.
    package var publicAddresses: [IPAddress]
    /// Names of egress sources; empty for all whose addresses the node has.
    package var sources: [String]
    package var helloName: DomainName
    package var allowsSpecialAddresses: Bool
    /// Percent, 0…90.
    package var transactionalShare: Int
    /// Where no egress source is for high-risk mail.
    package var reportsPerMinute: Int

    init(_ values: SettingValues, hostName: DomainName) {
        port = values.integer("delivery.port")
        resolvers = values.list("delivery.resolver") { if case .endpoint(let endpoint) = $0 { endpoint } else { nil } }
        dnssecTrustAnchor = values.optionalText("delivery.dnssec-trust-anchor")
        takesOldTLS = values.text("delivery.tls-minimum") == "1.0"
        tlsRoots = values.optionalText("delivery.tls-roots")
        usesMTASTS = values.boolean("delivery.mta-sts")
        mtaSTSPort = values.integer("delivery.mta-sts-port")
        tlsRemembered = values.duration("delivery.tls-remembered")
        defersLostTLS = values.text("delivery.tls-lost") == "defer"
        attemptsMaxInFlight = values.integer("delivery.attempts-max-in-flight")
        let waits = values.list("delivery.retry") { if case .duration(let wait) = $0 { wait } else { nil } }
        retry = waits.isEmpty ? [.seconds(3600)] : waits
        expire = values.duration("delivery.expire")
        let warning = values.duration("delivery.warn-after")
        warnAfter = warning == .zero ? nil : warning
        upstreamAccessWait = values.duration("delivery.upstream-access-wait")
        upstreamLimitWait = values.duration("delivery.upstream-limit-wait")
        upstreamConnectionsWait = values.duration("delivery.upstream-connections-wait")
        connectTimeout = values.duration("delivery.connect-timeout")
        timeouts.greeting = values.duration("delivery.timeout-greeting")
        timeouts.hello = values.duration("delivery.timeout-hello")
        timeouts.startTLS = values.duration("delivery.timeout-tls")
        timeouts.auth = values.duration("delivery.timeout-auth")
        timeouts.mail = values.duration("delivery.timeout-mail")
        timeouts.recipient = values.duration("delivery.timeout-recipient")
        timeouts.data = values.duration("delivery.timeout-data")
        timeouts.dataBlock = values.duration("delivery.timeout-block")
        timeouts.dot = values.duration("delivery.timeout-dot")
        sourceAddress = values.optionalAddress("delivery.source-address")
        publicAddresses = values.list("delivery.public-addresses") { if case .address(let address) = $0 { address } else { nil } }
        sources = values.list("delivery.sources") { if case .text(let name) = $0 { name } else { nil } }
        helloName = values.optionalHostName("delivery.hello-name") ?? hostName
        allowsSpecialAddresses = values.boolean("delivery.allow-special-addresses")
        transactionalShare = values.integer("delivery.transactional-share")
        reportsPerMinute = values.integer("delivery.reports-per-minute")
    }
}

package struct BulkSettings: Hashable, Sendable {
    /// Nil: campaigns leave with the sender's address.
    package var returnPathDomain: DomainName?
    /// Nil: no such field.
    package var feedbackID: FeedbackID?

    init(_ values: SettingValues) {
        returnPathDomain = values.optionalHostName("bulk.return-path-domain")
        feedbackID = values.optionalText("bulk.feedback-sender-id").flatMap {
            FeedbackID(senderID: $0, parts: values.text("bulk.feedback-parts"))
        }
    }
}

package struct CampaignSettings: Hashable, Sendable {
    /// Without a slash at its end; nil: none.
    package var publicURL: String?
    package var inQueueMax: Int
    package var needsSecondPerson: Bool
    /// Responses that come sooner after delivery are taken for a machine's.
    package var machineSeconds: Int64

    init(_ values: SettingValues) {
        publicURL = values.optionalText("campaigns.public-url").map { url in
            var url = url
            while url.hasSuffix("/") { url.removeLast() }
            return url
        }
        inQueueMax = values.integer("campaigns.in-queue-max")
        needsSecondPerson = values.boolean("campaigns.second-person")
        machineSeconds = values.duration("campaigns.machine-time").milliseconds / 1000
    }
}

package struct ListSettings: Hashable, Sendable {
    /// Paths as written, see `DataDirectory.path(of:)`, or addresses of the web.
    package var disposable: [String]
    /// Likewise.
    package var roles: [String]
    /// How old what was fetched may be.
    package var refresh: Duration

    init(_ values: SettingValues) {
        disposable = values.list("lists.disposable-domains") { if case .text(let place) = $0 { place } else { nil } }
        roles = values.list("lists.role-addresses") { if case .text(let place) = $0 { place } else { nil } }
        refresh = values.duration("lists.refresh")
    }
}

package struct ReportSettings: Hashable, Sendable {
    package var address: IPAddress
    /// 0: off.
    package var port: Int
    package var complaintAddresses: [EmailAddress]
    package var complaintSources: [DomainName]
    /// For reports on our domains.
    package var domainAddresses: [EmailAddress]
    package var tokenDays: Int
    package var messageBytesMax: Int
    package var connectionsMax: Int
    /// 0: not kept as they came.
    package var keepDays: Int
    package var keepBytes: Int
    /// Nil: none is polled.
    package var mailbox: MailboxAddress?
    package var mailboxUser: String
    /// A file of the folder secrets.
    package var mailboxPassword: String
    package var mailboxEvery: Duration
    package var mailboxKeeps: Bool
    /// Path as written; see `DataDirectory.path(of:)`. Nil: the system's.
    package var mailboxRoots: String?
    /// Base64; empty: no calls of SendGrid.
    package var sendgridKey: String
    /// Names of files; empty: no calls.
    package var mailgunKey: String
    package var postmarkLogin: String
    package var sesTopics: [String]

    init(_ values: SettingValues) {
        address = values.address("reports.address")
        port = values.integer("reports.port")
        complaintAddresses = values.list("reports.complaint-addresses") { if case .mailAddress(let address) = $0 { address } else { nil } }
        complaintSources = values.list("reports.complaint-sources") { if case .hostName(let name) = $0 { name } else { nil } }
        domainAddresses = values.list("reports.domain-addresses") { if case .mailAddress(let address) = $0 { address } else { nil } }
        tokenDays = values.integer("reports.token-days")
        messageBytesMax = values.integer("reports.message-bytes-max")
        connectionsMax = values.integer("reports.connections-max")
        keepDays = values.integer("reports.keep-days")
        keepBytes = values.integer("reports.keep-bytes")
        mailbox = values.optionalText("reports.mailbox-url").flatMap { MailboxAddress($0) }
        mailboxUser = values.optionalText("reports.mailbox-user") ?? ""
        mailboxPassword = values.optionalText("reports.mailbox-password") ?? ""
        mailboxEvery = values.duration("reports.mailbox-every")
        mailboxKeeps = values.boolean("reports.mailbox-keep")
        mailboxRoots = values.optionalText("reports.mailbox-roots")
        sendgridKey = values.optionalText("reports.sendgrid-key") ?? ""
        mailgunKey = values.optionalText("reports.mailgun-key") ?? ""
        postmarkLogin = values.optionalText("reports.postmark-login") ?? ""
        sesTopics = values.list("reports.ses-topics") { if case .text(let topic) = $0 { topic } else { nil } }
    }
}

package struct DomainSettings: Hashable, Sendable {
    package var identity: IdentityAction

    init(_ values: SettingValues) { identity = IdentityAction(rawValue: values.text("domain.identity")) ?? .warn }
}

package struct ReputationSettings: Hashable, Sendable {
    /// Zero: never.
    package var every: Duration
    /// Path as written; see `DataDirectory.path(of:)`. Nil: the known lists.
    package var lists: String?

    init(_ values: SettingValues) {
        every = values.duration("reputation.every")
        lists = values.optionalText("reputation.lists")
    }
}

package struct QueueSettings: Hashable, Sendable {
    /// Recipients in memory.
    package var window: Int
    package var freshBytesMax: Int

    init(_ values: SettingValues) {
        window = values.integer("queue.window")
        freshBytesMax = values.integer("queue.fresh-bytes-max")
    }
}

package struct StorageSettings: Hashable, Sendable {
    /// See `StoreLocation`; it may hold a password, so it is never printed.
    package var url: String
    package var freeBytesMin: Int
    package var traceDays: Int
    package var commitTimeout: Duration

    init(_ values: SettingValues) {
        url = values.text("storage.url")
        freeBytesMin = values.integer("storage.free-bytes-min")
        traceDays = values.integer("storage.trace-days")
        commitTimeout = values.duration("storage.commit-timeout")
    }
}

package struct ReceiverSettings: Hashable, Sendable {
    /// 0: any free port of 127.0.0.1.
    package var port: Int
    package var keepMessages: Int
    package var keepBytes: Int

    init(_ values: SettingValues) {
        port = values.integer("receiver.port")
        keepMessages = values.integer("receiver.keep-messages")
        keepBytes = values.integer("receiver.keep-bytes")
    }
}

package struct AlertSettings: Hashable, Sendable {
    /// Empty: the administrators.
    package var recipients: [EmailAddress]
    /// Nil: postmaster, with the null reverse-path.
    package var sender: EmailAddress?
    /// Names; empty: the usual choice.
    package var routes: [String]
    package var queueStuckAfter: Duration
    package var queueStuckCount: Int

    init(_ values: SettingValues) {
        recipients = values.list("alerts.recipients") { if case .mailAddress(let address) = $0 { address } else { nil } }
        sender = values.optionalMailAddress("alerts.sender")
        routes = values.list("alerts.route") { if case .text(let text) = $0 { text } else { nil } }
        queueStuckAfter = values.duration("alerts.queue-stuck-after")
        queueStuckCount = values.integer("alerts.queue-stuck-count")
    }
}

package struct DKIMSettings: Hashable, Sendable {
    package var signs: Bool
    /// Nil: never by itself.
    package var rotatesEvery: Duration?
    package var keepsRetired: Duration

    init(_ values: SettingValues) {
        signs = values.boolean("dkim.sign")
        let every = values.duration("dkim.rotate-every")
        rotatesEvery = every == .zero ? nil : every
        keepsRetired = values.duration("dkim.keep-retired")
    }
}

package struct LogSettings: Hashable, Sendable {
    /// A level's name as swift-log has it.
    package var level: String

    init(_ values: SettingValues) { level = values.text("log.level") }
}

package struct TLSReportSettings: Hashable, Sendable {
    package var isOn: Bool
    /// Nil: postmaster at the node's host name.
    package var sender: EmailAddress?

    init(_ values: SettingValues) {
        isOn = values.boolean("tls-reports.send")
        sender = values.optionalMailAddress("tls-reports.sender")
    }

    func contact(_ node: NodeSettings) -> String { sender.map { "\($0)" } ?? "postmaster@\(node.hostName)" }
}
