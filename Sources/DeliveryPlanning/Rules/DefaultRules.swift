package import OutboundPolicy

/// The rules that hold unless an administrator puts others: for the large providers by what they document and say, and for everybody.
package enum DefaultRules {
    /// In the order in which they are tried.
    package static let all: [DeliveryRule] = google + microsoft + yahoo + apple + general

    /// Of a 421 without a word of why: on a kept connection it only means that it was closed.
    static let bareClosing = "general.421"

    private static let hour: Int64 = 3600

    static let google: [DeliveryRule] = [
        DeliveryRule(
            name: "google.rate", provider: .google, codes: [421], enhanced: ["4.7.28"],
            words: "unusual rate of {unsolicited mail|mail|email} … {ip address|ip netblock}", action: .slowDown,
            matches: [
                "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address",
                "421-4.7.28 Gmail has detected an unusual rate of email originating from your IP netblock. 421 4.7.28 Try later",
            ],
            differs: [
                "421 4.7.28 Gmail has detected this message has the same Message-ID as others",
                "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
            ]),
        DeliveryRule(
            name: "google.sender-rate", provider: .google, codes: [421], enhanced: ["4.7.28"], words: "",
            trigger: .init(count: 3, seconds: 600),
            action: .suspendCampaign, seconds: hour,
            matches: [
                "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain",
                "421 4.7.28 Gmail has detected an unusual rate of mail containing one of your URL domains",
                "421 4.7.28 Gmail has detected this message has the same Message-ID as others",
            ],
            differs: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address"]),
        DeliveryRule(
            name: "google.address-reputation", provider: .google, codes: [421], enhanced: ["4.7.0"],
            words: "very low reputation of the sending ip", trigger: .init(count: 3, seconds: 600), action: .otherSource, seconds: 6 * hour,
            matches: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address"
            ],
            differs: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain"
            ]),
        DeliveryRule(
            name: "google.domain-reputation", provider: .google, enhanced: ["4.7.0", "5.7.1"],
            words: "very low reputation of the sending domain",
            trigger: .init(count: 5, seconds: 600), action: .suspendCampaign, seconds: hour,
            matches: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain",
                "550 5.7.1 Our system has detected that this message is suspicious due to the very low reputation of the sending domain.",
            ],
            differs: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address"
            ]),
        DeliveryRule(
            name: "google.unsolicited", provider: .google, codes: [550], enhanced: ["5.7.1"], words: "likely unsolicited mail",
            trigger: .init(count: 5, seconds: 600), action: .suspendCampaign, seconds: hour,
            matches: [
                "550-5.7.1 Our system has detected that this message is likely unsolicited mail. 550 5.7.1 To reduce the amount of spam"
            ],
            differs: ["550 5.7.1 The user does not accept email in non-Western (non-Latin) character sets."]),
        DeliveryRule(
            name: "google.message", provider: .google, codes: [421, 451],
            enhanced: ["4.7.0", "4.7.23", "4.7.24", "4.7.26", "4.7.27", "4.7.29", "4.7.30", "4.7.32", "4.7.40"],
            words:
                "ptr record|authenticat|spf record|tls|dkim|aligned|dmarc record|suspicious due to the nature of the content",
            action: .transient,
            matches: [
                "421 4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate",
                "421 4.7.0 Tls required for rcpt domain", "451 4.7.23 The sending IP address for this message doesn't have a PTR record",
                "421 4.7.32 Your email has been rate limited because the From: header isn't aligned with either the authenticated SPF",
            ],
            differs: [
                "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address",
                "421 4.7.0 Temporary System Problem. Try again later",
            ]),
    ]

    static let microsoft: [DeliveryRule] =
        [MailProvider.outlook, .microsoft365].flatMap { provider -> [DeliveryRule] in
            let name = provider.rawValue
            return [
                DeliveryRule(
                    name: "\(name).connections", provider: provider, codes: [421, 451, 452],
                    words:
                        "rp-003|maximum number of {concurrent connections|connections}|exceeded the {connection limit|maximum number of connections}",
                    action: .fewerConnections,
                    matches: [
                        "421 RP-003 (BAY004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent.",
                        "421 4.3.2 The maximum number of concurrent connections for this source has exceeded a limit, closing transmission",
                        "451 4.7.652 The mail server [192.0.2.1] has exceeded the maximum number of connections. (S775)",
                    ],
                    differs: ["421 RP-001 (BAY004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent."]),
                DeliveryRule(
                    name: "\(name).rate", provider: provider, codes: [421, 451],
                    words:
                        "rp-001|rp-002|temporarily rate limited|server busy|access denied, please try again later|exceeded the {message rate|rate} limit",
                    action: .slowDown,
                    matches: [
                        "421 RP-001 (BAY004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent.",
                        "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
                        "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712344)",
                        "451 4.7.550 Access denied, please try again later",
                    ],
                    differs: [
                        "451 4.7.652 The mail server [192.0.2.1] has exceeded the maximum number of connections. (S775)",
                        "550 5.7.606 Access denied, banned sending IP [192.0.2.1].",
                    ]),
                DeliveryRule(
                    name: "\(name).blocked", provider: provider, codes: [550],
                    words:
                        "banned sending ip|block list … (s3140)|^unfortunately, messages from … weren't sent|^sc-00#|^dy-00#|client host … blocked using",
                    action: .otherSource, seconds: 6 * hour,
                    matches: [
                        "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit",
                        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140).",
                        "550 SC-001 (BAY004-MC1F10) Unfortunately",
                        "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see",
                    ],
                    differs: [
                        "550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level.",
                        "550 5.5.0 Requested action not taken: mailbox unavailable",
                    ]),
            ]
        }

    static let yahoo: [DeliveryRule] = [
        DeliveryRule(
            name: "yahoo.volume", provider: .yahoo, codes: [421], words: "[ts01]|[ts02]|[tss01]|[tss02]|[ts04]|[tss04]|unexpected volume",
            action: .suspendSource, seconds: 2 * hour,
            matches: [
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1"
            ], differs: ["421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred"]),
        DeliveryRule(
            name: "yahoo.blocked", provider: .yahoo, codes: [421, 553], words: "permanently deferred|[bl21]|[bl23]|[ts03]|[tss09]",
            action: .otherSource, seconds: 24 * hour,
            matches: [
                "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred",
                "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
            ],
            differs: ["421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"]),
        DeliveryRule(
            name: "yahoo.messages-per-connection", provider: .yahoo, codes: [421], words: "max message per connection", action: .transient,
            matches: ["421 Max message per connection reached, closing transmission channel"],
            differs: ["421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"]),
        DeliveryRule(
            name: "yahoo.busy", provider: .yahoo, codes: [451], words: "resources temporarily unavailable",
            trigger: .init(count: 5, seconds: 300), action: .slowDown,
            matches: ["451 mta4 Resources temporarily unavailable. Please try again later"],
            differs: ["451 Message temporarily deferred due to unresolvable RFC.5321 from domain"]),
    ]

    static let apple: [DeliveryRule] = [
        DeliveryRule(
            name: "apple.recipient-volume", provider: .apple, codes: [421, 450], words: "messages to … deferred due to excessive volume",
            action: .transient, matches: ["421 4.7.1 Messages to anna@icloud.com deferred due to excessive volume. Try again later"],
            differs: ["421 4.7.1 Messages from 192.0.2.1 deferred due to excessive volume. Try again later"]),
        DeliveryRule(
            name: "apple.volume", provider: .apple, codes: [421, 450], words: "messages from … deferred due to excessive volume",
            action: .slowDown, matches: ["421 4.7.1 Messages from 192.0.2.1 deferred due to excessive volume. Try again later"],
            differs: ["421 4.7.1 Messages to anna@icloud.com deferred due to excessive volume. Try again later"]),
        DeliveryRule(
            name: "apple.policy", provider: .apple, codes: [550, 554], words: "[cs01] message rejected due to local policy|[hm08]",
            trigger: .init(count: 5, seconds: 600), action: .suspendCampaign, seconds: hour,
            matches: ["550 5.7.1 [cs01] message rejected due to local policy"],
            differs: ["550 5.7.1 Your message was rejected due to example.org's DMARC policy."]),
        DeliveryRule(
            name: "apple.blocked", provider: .apple, codes: [550, 554], words: "rejected due to listing in", action: .otherSource,
            seconds: 6 * hour, matches: ["550 5.7.1 Your email was rejected due to listing in Spamhaus SBL"],
            differs: ["550 5.7.1 Mail from example.org was rejected because of a domain present in the Spamhaus DBL"]),
    ]

    static let general: [DeliveryRule] = [
        DeliveryRule(
            name: "general.api-rate", codes: [451],
            words: "{microsoft graph|gmail api}: 429|gmail api: # {userratelimitexceeded|ratelimitexceeded|quotaexceeded}",
            action: .slowDown,
            matches: [
                "451 4.7.1 Microsoft Graph: 429 ApplicationThrottled (again after 30 s)",
                "451 4.7.1 Gmail API: 403 userRateLimitExceeded: User-rate limit exceeded.",
            ], differs: ["451 4.3.0 Microsoft Graph: 503 ErrorServerBusy", "535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied"]),
        // The next connection takes more: neither the rate nor the number of connections is meant.
        DeliveryRule(
            name: "general.messages-per-connection", codes: [421, 450, 451, 452],
            words: "{messages|mails|transactions|max message|recipients} {per|on this|in this|for this} {connection|session}",
            action: .transient,
            matches: [
                "421 4.7.0 Too many messages on this connection; connect again",
                "421 4.4.2 mx.example.net maximum messages per session reached",
            ], differs: ["421 4.7.0 Too many messages, slow down", "421 Too many concurrent SMTP connections"]),
        DeliveryRule(
            name: "general.connections", codes: [4],
            words:
                "too many {concurrent|connections|sessions|smtp sessions|open connections}|{connection|concurrency} limit|connections from your {host|ip}|maximum … {connections|sessions}",
            action: .fewerConnections,
            matches: [
                "421 4.7.0 mx.example.net Error: too many connections from 192.0.2.1", "421 Too many concurrent SMTP connections",
                "421 4.3.2 Connection limit reached, try again later",
            ], differs: ["452 4.5.3 Too many recipients", "421 4.7.0 Too many messages, slow down"]),
        DeliveryRule(
            name: "general.rate", codes: [4],
            words:
                "{rate|sending|message} limit|rate limited|too many {messages|emails|mails}|sending too {fast|quickly|much}|slow down|throttled|try … slower|unusual rate",
            action: .slowDown,
            matches: [
                "421 4.7.0 Too many messages, slow down", "450 4.7.1 Error: rate limit exceeded for 192.0.2.1",
                "451 4.7.1 You are sending too fast, please slow down",
            ],
            differs: [
                "450 4.2.1 The user is receiving mail too quickly", "451 4.7.1 Greylisted, please try again in 300 seconds",
                "452 4.5.3 Too many recipients",
            ]),
        DeliveryRule(
            name: "general.block-list", codes: [5],
            words:
                "{blocked|listed|rejected} … {spamhaus|spamcop|barracudacentral|sorbs|uceprotect|abusix|dnsbl|rbl}|{spamhaus|spamcop|abusix} … {blocked|listed}",
            trigger: .init(count: 3, seconds: 600), action: .otherSource, seconds: hour,
            matches: [
                "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                "550 5.7.1 Mail from 192.0.2.1 refused, see spamcop.net: you are listed",
            ], differs: ["550 5.1.1 No such user", "550 5.7.1 Message blocked by the recipient's policy"]),
        DeliveryRule(
            name: "general.greylisted", codes: [421, 450, 451], words: "greylist|graylist|gray-list|grey-list", action: .transient,
            matches: ["421 4.7.1 Greylisted, please try again in 300 seconds", "450 4.2.0 anna@example.net: Recipient address greylisted"],
            differs: ["451 4.3.0 Temporary failure"]),
        DeliveryRule(
            name: "general.closing", codes: [421], words: "timeout|timed out|idle|shutting down|restarting|going down", action: .transient,
            matches: ["421 4.4.2 mx.example.net Error: timeout exceeded", "421 4.3.2 The system is shutting down"],
            differs: ["421 4.7.0 Try again later, closing connection"]),
        DeliveryRule(
            name: bareClosing, codes: [421], action: .slowDown,
            matches: [
                "421 4.7.0 Try again later, closing connection", "421 mx.example.net Service not available, closing transmission channel",
            ],
            differs: ["450 4.2.1 Mailbox busy", "421 4.4.2 mx.example.net Error: timeout exceeded"]),
    ]
}
