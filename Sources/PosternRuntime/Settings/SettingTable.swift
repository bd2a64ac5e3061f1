import OutboundPolicy

/// One key of the settings: all that the loader, the settings file and the documentation know of it.
package struct SettingKey: Sendable {
    /// `section.key`.
    package var name: String
    package var kind: SettingKind
    /// As it would be written in the settings file.
    package var defaultText: String
    /// Whole sentences.
    package var documentation: String
    /// False where SIGHUP changes it while the gate runs.
    package var needsRestart: Bool

    var section: String { String(name.prefix { $0 != "." }) }
    var key: String { String(name.drop { $0 != "." }.dropFirst()) }
}

/// Every setting there is, in the order of the settings file. This table is the only place where a key, its type, its default and its
/// range are written down: the loader, `postern init`, `postern check-config` and `docs/settings.md` all read it.
package enum SettingTable {
    package static let sections: [(name: String, documentation: String, keys: [SettingKey])] = [
        ("node", "This node among those that share a store.", node),
        ("submission", "Where mail comes in, and how much of it at a time.", submission),
        ("tls", "The certificate of the listeners; its files are read again on SIGHUP, also where their names stay.", tls),
        ("http", "The console, the HTTP interface, health, readiness and metrics.", http),
        ("delivery", "How mail goes out. Routes, which say where to, are set with `postern routes`.", delivery + timeouts),
        ("bulk", "What campaigns carry of ours on their way out.", bulk),
        ("campaigns", "How campaigns are sent, and where people leave their lists.", campaigns),
        ("lists", "What imports of people hold addresses against, beside short lists of our own.", lists),
        ("scan", "What is looked at in each message before it is taken; weights and words, with `postern scan`.", scan),
        ("reports", "What comes back: a listener for bounces and complaints, and who is believed.", reports),
        ("domain", "What is found about own domains (`postern domain list`), and what it means for their mail.", domain),
        ("reputation", "How our addresses and domains stand with blocklists.", reputation),
        ("queue", "What the node keeps in memory of its queue; the rest waits in the store.", queue),
        ("storage", "Where messages, recipients and the trace are kept.", storage),
        ("receiver", "The built-in receiver, which takes the mail of the route `built-in` and keeps the newest of it in memory.", receiver),
        ("alerts", "Who is told when something goes wrong, and how; which conditions, with `postern alert-policies`.", alerts),
        ("tls-reports", "Reports on TLS towards other domains, for those that ask for them (RFC 8460).", tlsReports),
        ("dkim", "Signing; the keys are set with `postern dkim`.", dkim),
        ("log", "What is written to standard error.", log),
    ]

    package static let keys: [SettingKey] = sections.flatMap(\.keys)
    static let byName: [String: SettingKey] = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })

    private static func key(_ name: String, _ kind: SettingKind, _ defaultText: String, _ documentation: String) -> SettingKey {
        SettingKey(
            name: name, kind: kind, defaultText: defaultText, documentation: documentation, needsRestart: restarting.contains(name))
    }

    /// What a process takes hold of when it starts. All else may change while it runs.
    private static let restarting: Set<String> = [
        "node.id", "node.host-name", "node.lease", "submission.address", "submission.port", "submission.tls-port", "submission.relay-port",
        "http.address",
        "http.port", "http.tls", "http.allow-plaintext", "delivery.resolver", "delivery.dnssec-trust-anchor", "delivery.tls-minimum",
        "delivery.tls-roots", "delivery.mta-sts-port", "storage.url",
        "reports.address", "reports.port", "receiver.port", "receiver.keep-messages",
        "receiver.keep-bytes", "scan.threads",
    ]

    private static let port = SettingKind.integer(1...65_535)
    private static let portOrOff = SettingKind.integer(0...65_535)

    private static let node = [
        key(
            "node.id", .optional(.integer(0...255)), "",
            "The node's number, part of every message's identifier. Empty: the lowest from 1 that no node has which runs on the same store."
        ),
        key(
            "node.host-name", .optional(.hostName), "",
            "The name that the node greets with, writes into Received fields and signs reports with. Empty: the machine's own name."),
        key(
            "node.lease", .duration(.seconds(2)...(.seconds(600))), "30s",
            "How long other nodes on the same store leave alone what this one holds when nothing is heard of it. It is renewed each third of that."
        ),
    ]

    private static let submission = [
        key("submission.address", .address, "127.0.0.1", "The address to listen on; 0.0.0.0 or :: for all."),
        key(
            "submission.port", portOrOff, "2587",
            "Submission with STARTTLS; connectors that may, submit here without TLS. 0: any free port."),
        key("submission.tls-port", portOrOff, "2465", "Submission with TLS from the first byte (RFC 8314). 0: off."),
        key("submission.relay-port", portOrOff, "0", "A further listener for connectors alone, in the manner of port 25. 0: off."),
        key(
            "submission.message-bytes-max", .bytes(65_536...268_435_456), "35MiB",
            "The largest message, as offered in SIZE; a larger one is refused with 552 5.3.4."),
        key(
            "submission.recipients-max", .integer(1...100_000), "1000",
            "Recipients for each message; further ones are answered 452 4.5.3. RFC 5321 asks for at least 100."),
        key(
            "submission.connections-max", .integer(1...1_000_000), "10000",
            "Connections at a time, or fewer where the limit of open files (ulimit -n) leaves fewer; further ones are answered 421 4.7.0."),
        key("submission.connections-per-address-max", .integer(1...1_000_000), "1000", "Connections at a time from one IP address."),
        key(
            "submission.idle-timeout", .duration(.seconds(10)...(.seconds(3600))), "5m",
            "How long a client may be silent before 421 4.4.2. RFC 5321 asks for at least 5 minutes."),
        key(
            "submission.memory-bytes-max", .bytes(16_777_216...1_099_511_627_776), "256MiB",
            "Memory for messages under way; above it, messages are answered 452 4.3.1 until some are done."),
        key(
            "submission.proxy-networks", .list(.network, countMax: 100), "[]",
            "Load balancers that send the PROXY protocol (version 1 or 2) before the dialogue. From these addresses it is required."),
        key(
            "submission.request-client-certificates", .boolean, "false",
            "Ask clients for a certificate, for connectors that are known by one. Clients without one are served all the same."),
        key(
            "submission.received-max", .integer(10...200), "50",
            "Received fields after which a message is taken to be in a loop: 554 5.4.6."),
        key(
            "submission.future-release-days-max", .integer(0...365), "30",
            "How far ahead a client may ask for release (FUTURERELEASE, RFC 4865). 0: not offered."),
        key(
            "submission.throttle-errors", .integer(0...10_000), "20",
            "Errors of one kind that a person has to mend (Send As denied, unknown recipients, …) after which the submitter's mail is refused. 0: never."
        ),
        key(
            "submission.throttle-window", .duration(.seconds(60)...(.seconds(86_400))), "1h", "The time within which those errors count."),
        key(
            "submission.throttle-period", .duration(.seconds(60)...(.seconds(7 * 86_400))), "1h",
            "How long a throttled submitter's mail is refused; `postern throttles end` ends it early."),
    ]

    private static let tls = [
        key("tls.certificate", .text, "tls/certificate.pem", "Certificate chain in PEM, the node's first; relative to the data directory."),
        key("tls.key", .text, "tls/key.pem", "Its private key in PEM, which only the gate's user should be able to read."),
    ]

    private static let http = [
        key("http.address", .address, "127.0.0.1", "The address to listen on; one beside loopback wants http.tls."),
        key("http.port", portOrOff, "8025", "The port. 0: any free port."),
        key("http.tls", .boolean, "false", "Speak TLS, with the certificate of the section tls."),
        key(
            "http.allow-plaintext", .boolean, "false",
            "Listen without TLS on an address that is not loopback, where something in between encrypts: keys go over it in the clear."),
        key(
            "http.proxy-networks", .list(.network, countMax: 100), "[]",
            "Reverse proxies before this listener: what they say in X-Forwarded-For is believed where readers of public pages are counted."),
        key(
            "http.requests-per-second", .integer(1...100_000), "100",
            "Requests that each API key may make over time, unless the key says otherwise; further ones are answered 429."),
        key(
            "http.session-lifetime", .duration(.seconds(300)...(.seconds(30 * 86_400))), "12h",
            "How long somebody stays signed in to the console at most."),
        key(
            "http.session-idle", .duration(.seconds(60)...(.seconds(30 * 86_400))), "2h",
            "How long a session of the console may go unused before it is over."),
        key(
            "http.public-url", .optional(.text), "",
            "Where browsers find the console, such as https://postern.example.org: sign-in by a provider leads back there. Empty: as the browser names it."
        ),
        key(
            "http.sign-in-skew", .duration(.zero...(.seconds(300))), "60s",
            "How far the clocks of sign-in providers may be from this one."),
    ]

    /// Of each stage with a next host; what RFC 5321 §4.5.3.2 has as the least stands as the default.
    private static let timeouts = [
        ("greeting", "5m", "How long to wait for a host's greeting."),
        ("hello", "5m", "The same for its reply to EHLO."),
        ("tls", "2m", "The same for STARTTLS and the handshake."),
        ("auth", "5m", "The same for each reply of a sign-in."),
        ("mail", "5m", "The same for its reply to MAIL FROM."),
        ("recipient", "5m", "The same for its reply to RCPT TO."),
        ("data", "2m", "The same for its reply to DATA."),
        ("block", "3m", "How long a host may take to read a part of the content."),
        ("dot", "10m", "How long to wait for the reply to a message's end. Too short a time sends messages twice."),
    ].map { name, standard, words in
        key("delivery.timeout-\(name)", .duration(.seconds(1)...(.seconds(3600))), standard, words)
    }

    private static let delivery = [
        key("delivery.port", port, "25", "The port of MX hosts."),
        key(
            "delivery.resolver", .list(.endpoint, countMax: 8), "[]",
            "Resolvers to ask, as address or address@port. Empty: those of /etc/resolv.conf."),
        key(
            "delivery.dnssec-trust-anchor", .optional(.text), "",
            "File with the root's DNSSEC key (root.key of unbound-anchor). Empty: answers are used as the resolver gives them."),
        key(
            "delivery.tls-minimum", .choice(["1.0", "1.2"]), "1.2",
            "The oldest TLS that is taken where the route asks for TLS only where it is offered. 1.0 is better than plaintext against who only listens; what asks for more than that never goes below 1.2."
        ),
        key(
            "delivery.tls-roots", .optional(.text), "",
            "File with certificates (PEM) that are trusted beside the system's for mail hosts and for MTA-STS policies."),
        key("delivery.mta-sts", .boolean, "true", "Go by the MTA-STS policies of domains (RFC 8461)."),
        key("delivery.mta-sts-port", port, "443", "The port of hosts that have MTA-STS policies: another one is for tests."),
        key(
            "delivery.tls-remembered", .duration(.zero...(.seconds(31_536_000))), "30d",
            "How long it is remembered that a mail host has shown TLS with a good certificate. 0: not at all."),
        key(
            "delivery.tls-lost", .choice(["defer", "deliver"]), "defer",
            "What becomes of mail to a host that has shown TLS with a good certificate and offers no TLS now: it waits, or it goes in plaintext. An alert says so in both cases."
        ),
        key("delivery.attempts-max-in-flight", .integer(1...100_000), "500", "Transactions at a time over all routes."),
        key(
            "delivery.retry", .list(.duration(.seconds(1)...(.seconds(604_800))), countMax: 50), "[5m, 10m, 20m, 30m, 1h, 2h, 4h]",
            "Waits between attempts, each with some jitter; the last is repeated until the message expires."),
        key(
            "delivery.expire", .duration(.seconds(1)...(.seconds(2_592_000))), "2d",
            "When a recipient that is still deferred is given up and reported to the sender."),
        key(
            "delivery.warn-after", .duration(.zero...(.seconds(2_592_000))), "4h",
            "When the sender is told that a recipient is delayed. 0: never."),
        key(
            "delivery.upstream-access-wait", .duration(.seconds(60)...(.seconds(86_400))), "6h",
            "How long a route is left alone whose next host refuses its account: wrong password, a restriction. Then one message is tried; the wait doubles up to a day."
        ),
        key(
            "delivery.upstream-limit-wait", .duration(.seconds(60)...(.seconds(86_400))), "24h",
            "How long a route is left alone whose account has used up a daily limit of its next host, or is throttled by it."),
        key(
            "delivery.upstream-connections-wait", .duration(.seconds(1)...(.seconds(3600))), "30s",
            "How long a route rests whose next host finds too many connections. Then it goes on with half of them."),
        key(
            "delivery.connect-timeout", .duration(.seconds(1)...(.seconds(300))), "30s",
            "How long to wait for a host to take the connection, for each address."),
        key(
            "delivery.transactional-share", .integer(0...90), "10",
            "Percent of each long limit, and of the queue's memory, that is kept for transactional mail: password resets, receipts, alerts."
        ),
        key(
            "delivery.reports-per-minute", .integer(1...6000), "30",
            "Reports on undelivered mail that leave this node for other organisations in a minute, where no egress source is for high-risk mail."
        ),
        key("delivery.source-address", .optional(.address), "", "The address to connect from. Empty: the system chooses."),
        key(
            "delivery.public-addresses", .list(.address, countMax: 4), "[]",
            "As which addresses receivers see the default source, where a translator (NAT) stands between. Empty: delivery.source-address."),
        key(
            "delivery.sources", .list(.text, countMax: 1000), "[]",
            "Names of the egress sources that this node uses, of those whose addresses it has. Empty: all. The default source is used in any case."
        ),
        key("delivery.hello-name", .optional(.hostName), "", "The name in EHLO. Empty: node.host-name."),
        key(
            "delivery.allow-special-addresses", .boolean, "false",
            "Deliver to MX hosts on loopback, private and other special addresses: for tests, and for closed networks."),
    ]

    private static let bulk = [
        key(
            "bulk.return-path-domain", .optional(.hostName), "",
            "A domain whose mail comes to this gate and whose SPF record allows the addresses that mail leaves from. Campaigns then leave with a reverse-path in it that names the recipient and that nobody can forge. Empty: with the sender's address."
        ),
        key(
            "bulk.feedback-sender-id", .optional(.feedbackSender), "",
            "The last part of Feedback-ID, by which Google's Postmaster Tools tell your campaigns apart: 5 to 15 letters and digits that nobody else uses. Empty: no such field."
        ),
        key(
            "bulk.feedback-parts", .feedbackParts, "sender:tenant:class",
            "The up to three parts before it: sender (a code of the account), tenant, class, day, or words of your own."),
    ]

    private static let campaigns = [
        key(
            "campaigns.public-url", .optional(.text), "",
            "Where this gate's HTTP listener is reached from outside, such as https://mail.example.org: one-click unsubscribe (RFC 8058) leads to /u/ below it, and readers' other pages stand below /l/, /s/, /p/, /b/, /c/ and /o/. Everything else may be kept from outside. Empty: marketing campaigns cannot be sent."
        ),
        key(
            "campaigns.in-queue-max", .integer(1...100_000), "5000",
            "Copies of all campaigns that are in the queue at a time; the next are made as these leave, so that other mail finds the queue short."
        ),
        key(
            "campaigns.second-person", .boolean, "false",
            "Whether nothing of a campaign leaves before somebody other than its author approved it, and its pilot."),
        key(
            "campaigns.machine-time", .duration(.zero...(.seconds(3600))), "5s",
            "What opens a copy or follows a link sooner after its receiver took it is taken for a machine, not for a person. 0s: nothing is, for that."
        ),
    ]

    private static let lists = [
        key(
            "lists.disposable-domains", .list(.text, countMax: 5), "[]",
            "Lists of domains whose mailboxes are thrown away, one a line: paths, or addresses of the web (https; without redirects, 16 MiB at most). What was fetched is kept in the data directory, and the last good one counts until a new one is there."
        ),
        key(
            "lists.role-addresses", .list(.text, countMax: 5), "[]",
            "Lists of local parts that belong to functions, such as info, likewise."),
        key(
            "lists.refresh", .duration(.seconds(3600)...(.seconds(30 * 86_400))), "1d", "How old a list that was fetched may be."),
    ]

    private static let reports = [
        key("reports.address", .address, "127.0.0.1", "The address to listen on for what comes back; 0.0.0.0 or :: for all."),
        key(
            "reports.port", portOrOff, "0",
            "Takes mail to the return paths of bulk.return-path-domain, to reports.complaint-addresses and to reports.domain-addresses, and nothing else. In use, port 25: the MX record of that domain leads here. 0: off."
        ),
        key(
            "reports.complaint-addresses", .list(.mailAddress, countMax: 100), "[]",
            "Where receivers send complaints: the addresses that were named to their feedback loops."),
        key(
            "reports.complaint-sources", .list(.hostName, countMax: 200), "[arf.mail.yahoo.com, amazonses.com]",
            "Domains whose DKIM signature makes a complaint believed, their subdomains too. All others are counted, and change nothing."),
        key(
            "reports.domain-addresses", .list(.mailAddress, countMax: 100), "[]",
            "Where receivers send DMARC and TLS reports on own domains: the addresses in rua and ruf of the DMARC record and in rua of the TLS-RPT record. Reports are kept for 400 days."
        ),
        key(
            "reports.token-days", .integer(1...365), "30",
            "How long after a message was taken its return path takes reports; later ones are refused with 550 5.1.1."),
        key(
            "reports.message-bytes-max", .bytes(65_536...67_108_864), "5MiB",
            "The largest report, as offered in SIZE; reports with a whole message in them are as large as that."),
        key("reports.connections-max", .integer(1...10_000), "200", "Connections at a time; further ones are answered 421 4.7.0."),
        key(
            "reports.keep-days", .integer(0...365), "30",
            "How long a report can be read as it came. What it says is kept as long as the trace. 0: only what it says is kept."),
        key(
            "reports.sendgrid-key", .optional(.text), "",
            "The public key of SendGrid's signed event webhook, as its page shows it. Calls to /feedback/sendgrid want it. Empty: none are taken."
        ),
        key(
            "reports.mailgun-key", .optional(.text), "",
            "A file in the folder secrets of the data directory with Mailgun's HTTP webhook signing key. Calls to /feedback/mailgun want it."
        ),
        key(
            "reports.postmark-login", .optional(.text), "",
            "A file in the folder secrets with NAME:PASSWORD, as given to Postmark for its webhooks. Calls to /feedback/postmark want it; they are not signed, so use TLS."
        ),
        key(
            "reports.ses-topics", .list(.text, countMax: 20), "[]",
            "ARNs of the SNS topics whose notifications of SES are taken at /feedback/ses. Their signature is checked."),
        key(
            "reports.mailbox-url", .optional(.mailbox), "",
            "A mailbox that is polled for what comes back: imaps://HOST/FOLDER or pop3s://HOST; with imap and pop3 the server has to offer STARTTLS. Empty: none."
        ),
        key("reports.mailbox-user", .optional(.text), "", "As whom to sign in there."),
        key("reports.mailbox-password", .optional(.text), "", "A file in the folder secrets of the data directory with the password."),
        key(
            "reports.mailbox-every", .duration(.seconds(1) ... .seconds(86_400)), "2m",
            "How often the mailbox is looked into, by one of the nodes that have this setting."),
        key(
            "reports.mailbox-keep", .boolean, "false",
            "True: what was taken stays in the mailbox, with a keyword (IMAP only). False: it is deleted once it is kept here."),
        key(
            "reports.mailbox-roots", .optional(.text), "",
            "A PEM file of certificates that the mailbox's server is verified by; in the data directory unless its path begins with /. Empty: the system's."
        ),
        key("reports.keep-bytes", .bytes(1_024...1_048_576), "64KiB", "How much of a report is kept as it came."),
    ]

    private static let domain = [
        key(
            "domain.identity", .choice(IdentityAction.allCases.map(\.rawValue)), "warn",
            "What is done with mail to others whose From domain Gmail, Yahoo or Outlook.com would refuse, by the latest look at it: neither SPF nor DKIM, DMARC that refuses and nothing aligned on the route, or no mail host and no address. off: nothing; warn: a finding in the trace that says what to publish; refuse: 550 5.7.26."
        )
    ]

    private static let reputation = [
        key(
            "reputation.every", .duration(.zero ... .seconds(7 * 86_400)), "6h",
            "How often the lists are asked, by one node; 0: never. Replies of providers that name a list are heard in any case."),
        key(
            "reputation.lists", .optional(.text), "",
            "A YAML file with lists that change, or stand beside, the known ones; in the data directory unless its path begins with /."),
    ]

    private static let queue = [
        key("queue.window", .integer(100...1_000_000), "20000", "Recipients in memory at a time."),
        key(
            "queue.fresh-bytes-max", .bytes(0...1_099_511_627_776), "64MiB",
            "Contents of fresh messages that are kept in memory for their first attempt; above it, they are read back from the store."),
    ]

    private static let storage = [
        key(
            "storage.url", .text, "sqlite:postern.sqlite",
            "The store: sqlite: and a path, relative to the data directory; or postgresql://USER@HOST/DATABASE, which any number of nodes share."
        ),
        key(
            "storage.free-bytes-min", .bytes(0...1_125_899_906_842_624), "256MiB",
            "Free space on the store's disk below which messages are answered 452 4.3.1."),
        key(
            "storage.commit-timeout", .duration(.seconds(1)...(.seconds(300))), "30s",
            "How long the store may take for a commit. Past it, new mail is answered 452 and clients that wait 451, until it answers again."
        ),
        key("storage.trace-days", .integer(1...3650), "90", "How long the trace of a message is kept once all its recipients are final."),
    ]

    private static let scan = [
        key(
            "scan.mail", .boolean, "true",
            "Scan every message that is submitted. false: nothing is scanned, and no mail is ever taken for spam."),
        key("scan.threads", .integer(0...256), "0", "Messages scanned at a time, each on a thread of its own. 0: one for each processor."),
        key(
            "scan.queue", .integer(1...100_000), "1000",
            "Messages that are scanned or wait for it; what comes on top could not be scanned."),
        key(
            "scan.timeout", .duration(.milliseconds(100)...(.seconds(600))), "30s",
            "How long a message may wait for its scan, and that take; then it could not be scanned. Mail programs wait for minutes after the data."
        ),
        key(
            "scan.unscanned", .choice(UnscannedMail.allCases.map(\.rawValue)), "defer",
            "What is done with a message that could not be scanned. defer: 451, so that it is sent again; high-risk: it may leave by the high-risk pool only, and is held where that has no source; pass: it leaves as if nothing were. Each is traced."
        ),
        key(
            "scan.sender-domain", .boolean, "true",
            "Ask DNS whether the domains of From and of the envelope's sender have an MX, A or AAAA record; mail of those that have none may leave by the high-risk pool only."
        ),
    ]

    private static let receiver = [
        key("receiver.port", portOrOff, "0", "Its port on 127.0.0.1. 0: any free port."),
        key("receiver.keep-messages", .integer(0...1_000_000), "1000", "Messages to keep."),
        key("receiver.keep-bytes", .bytes(0...17_179_869_184), "64MiB", "Octets to keep."),
    ]

    private static let tlsReports = [
        key("tls-reports.send", .boolean, "false", "Send them once a day. What was counted can be seen in any case: `postern tls report`."),
        key(
            "tls-reports.sender", .optional(.mailAddress), "",
            "Their sender, and the contact that they name; its domain should have a DKIM key. Empty: postmaster at node.host-name."),
    ]

    private static let alerts = [
        key(
            "alerts.recipients", .list(.mailAddress, countMax: 50), "[]",
            "Who gets alerts by mail where a policy names nobody. Empty: the accounts with the role administrator whose address is in an accepted domain."
        ),
        key(
            "alerts.sender", .optional(.mailAddress), "",
            "The sender of alert mail, in the envelope too. Empty: postmaster at node.host-name, with an empty envelope sender."),
        key(
            "alerts.route", .list(.text, countMax: 10), "[]",
            "Names of routes for alert mail, in the order in which they are tried: the first that is there, not paused and not what the alert is about. Empty: the usual choice."
        ),
        key(
            "alerts.queue-stuck-after", .duration(.seconds(60)...(.seconds(2_592_000))), "1h",
            "How long mail may be due without an attempt before the queue counts as stuck."),
        key("alerts.queue-stuck-count", .integer(1...10_000), "10", "Recipients that have to be due for so long."),
    ]

    private static let dkim = [
        key("dkim.sign", .boolean, "true", "Sign what leaves, where there is a key for the domain of the From address."),
        key(
            "dkim.rotate-every", .duration(.zero...(.seconds(3650 * 86_400))), "0",
            "How long a pair of keys signs before a new one is made by itself, which then waits for its records in DNS. 0: only `postern dkim rotate` makes one."
        ),
        key(
            "dkim.keep-retired", .duration(.seconds(86_400)...(.seconds(365 * 86_400))), "7d",
            "How long an old key's record has to stay in DNS after a new key signs; then the old key is dropped."),
    ]

    private static let log = [
        key(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), "info",
            "The least level to write. Read again on SIGHUP.")
    ]
}
