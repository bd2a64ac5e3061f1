// What Gmail says when it defers.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// 4xx.
    static let gmailForNow: [ReplyRule] = [
        ReplyRule(
            "gmail.4.2.1-recipient-rate", .gmail, "450 4.2.1",
            "user you are trying to contact is receiving {email|mail} {too quickly|at a rate}",
            .recipientRate, .nobody, .backoff,
            meaning: "Recipient gets too much mail.",
            advice: "Retry later.",
            example: """
                450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages \
                from being delivered. Please resend your message\n450 4.2.1 at a later time.
                """,
            counterexamples: ["450 4.2.1 Peak smtp relay limit exceeded"]),
        ReplyRule(
            "gmail.4.2.1-relay-peak", .gmail, "450 4.2.1", "peak smtp relay limit exceeded",
            .rateLimit, .senderAdministrator, .backoff,
            meaning: "Workspace relay peak limit.",
            advice: "Slow down.",
            example: "450 4.2.1 Peak smtp relay limit exceeded",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.4.2.2", .gmail, "452 4.2.2", "inbox is out of storage",
            .recipientFull, .recipient, .backoff,
            meaning: "Recipient storage full.",
            advice: "Retry for days, then suppress.",
            example: """
                452-4.2.2 The recipient's inbox is out of storage space.\n452 4.2.2 Please direct the recipient to their storage \
                settings
                """,
            counterexamples: [
                "552-5.2.2 The recipient's inbox is out of storage space and inactive.\n552 5.2.2 Please direct the recipient to their storage settings"
            ]),
        ReplyRule(
            "gmail.5.2.2", .gmail, "552 5.2.2", "out of storage space and inactive",
            .recipientFull, .recipient, .no,
            meaning: "Recipient full and inactive.",
            advice: "Suppress.",
            example: """
                552-5.2.2 The recipient's inbox is out of storage space and inactive.\n552 5.2.2 Please direct the recipient to their \
                storage settings
                """,
            counterexamples: ["5.2.2 Submission quota exceeded"]),
        ReplyRule(
            "gmail.4.4.5", .gmail, "421 4.4.5", "server busy",
            .serverBusy, .nobody, .backoff,
            meaning: "Busy.",
            advice: "Retry.",
            example: "421 4.4.5 Server busy",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.4.3.0", .gmail, "451 4.3.0", "{temporarily rejected|multiple destination domains per transaction is unsupported}",
            .serverBusy, .gatewayOperator, .backoff,
            meaning: "Temporary refusal, or recipients of several domains in one transaction.",
            advice: "One recipient domain per transaction.",
            example: "451 4.3.0 Mail server temporarily rejected message.",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.4.5.3", .gmail, "452 4.5.3", "too many recipients",
            .tooManyRecipients, .gatewayOperator, .backoff,
            meaning: "Too many recipients in one transaction.",
            advice: "Split (100 per transaction is a safe value, unverified).",
            example: "452 4.5.3 Your message has too many recipients",
            counterexamples: ["550 5.2.254 Sender throttled due to continuous too many recipients errors"]),
        ReplyRule(
            "gmail.4.7.0-reverse-dns", .gmail, "421 4.7.0", "{does not|doesn?t} have a ptr record",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "PTR missing or does not resolve back.",
            advice: "Publish PTR and matching A record.",
            example: """
                421 4.7.0 The IP address sending this message does not have a PTR record, or the corresponding forward DNS entry does \
                not match the sending IP
                """,
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address"
            ]),
        ReplyRule(
            "gmail.4.7.0-ip-reputation", .gmail, "421 4.7.0", "very low reputation of the sending ip",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Bad IP reputation.",
            advice: "Slow down, find the bad stream.",
            example: """
                421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP \
                address
                """,
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain"
            ]),
        ReplyRule(
            "gmail.4.7.0-domain-reputation", .gmail, "421 4.7.0", "very low reputation of the sending domain",
            .rateLimit, .senderAdministrator, .backoff,
            meaning: "Bad domain reputation.",
            advice: "Slow down, clean the list.",
            example: """
                421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain
                """,
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address"
            ]),
        ReplyRule(
            "gmail.4.7.0-content", .gmail, "421 4.7.0", "nature of the content {or|and|and/or} the links",
            .content, .sender, .backoff,
            meaning: "Suspicious content or links.",
            advice: "Change content, check links.",
            example: "421 4.7.0 This message is suspicious due to the nature of the content and/or the links within",
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address"
            ]),
        ReplyRule(
            "gmail.4.7.0-tls", .gmail, "421 4.7.0", "tls required for rcpt domain",
            .tls, .gatewayOperator, .afterFix,
            meaning: "Recipient domain demands TLS.",
            advice: "Use TLS.",
            example: "421 4.7.0 Tls required for rcpt domain",
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain"
            ]),
        ReplyRule(
            "gmail.4.7.23", .gmail, "451 4.7.23", "ptr record",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "PTR missing or not matching.",
            advice: "Publish PTR and matching A record.",
            example: "451 4.7.23 The sending IP address for this message doesn't have a PTR record",
            counterexamples: [
                "421 4.7.0 The IP address sending this message does not have a PTR record, or the corresponding forward DNS entry does not match the sending IP"
            ]),
        ReplyRule(
            "gmail.4.7.24", .gmail, "451 4.7.24", "spf record of the sending domain has one or more suspicious entries",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "SPF record too wide.",
            advice: "Tighten SPF.",
            example: "451 4.7.24 Spf record of the sending domain has one or more suspicious entries",
            counterexamples: [
                "421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending domain"
            ]),
        ReplyRule(
            "gmail.4.7.26", .gmail, "421 4.7.26", "unauthenticated",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Neither SPF nor DKIM passed, throttled.",
            advice: "Publish SPF and sign with DKIM.",
            example: """
                421 4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate \
                with either SPF or DKIM
                """,
            counterexamples: [
                "450 4.7.26 Access denied, a message sent over IPv6 [2001:db8::1] must pass either SPF or DKIM validation, this message is not signed"
            ]),
        ReplyRule(
            "gmail.4.7.27", .gmail, "421 4.7.27", "spf authentication didn?t pass",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Bulk sender without SPF, throttled.",
            advice: "Publish SPF.",
            example: "421 4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message",
            counterexamples: ["451 4.7.24 Spf record of the sending domain has one or more suspicious entries"]),
        ReplyRule(
            "gmail.4.7.28-dkim-domain", .gmail, "421 4.7.28", "dkim domain",
            .rateLimit, .senderAdministrator, .backoff,
            meaning: "Unusual rate of unsolicited mail from a DKIM domain.",
            advice: "Pause at least 10 min, restart with one connection.",
            example: "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your SPF domain"]),
        ReplyRule(
            "gmail.4.7.28-spf-domain", .gmail, "421 4.7.28", "spf domain",
            .rateLimit, .senderAdministrator, .backoff,
            meaning: "Unusual rate from an SPF domain.",
            advice: "Pause at least 10 min, restart with one connection.",
            example: "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your SPF domain",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain"]),
        ReplyRule(
            "gmail.4.7.28-netblock", .gmail, "421 4.7.28", "netblock",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Unusual rate from a netblock.",
            advice: "Pause; look for bad neighbours.",
            example: "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP netblock",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain"]),
        ReplyRule(
            "gmail.4.7.28-url-domains", .gmail, "421 4.7.28", "url domains",
            .content, .sender, .backoff,
            meaning: "A linked domain appears in too much unsolicited mail.",
            advice: "Remove or replace the link domain.",
            example: "421 4.7.28 Gmail has detected an unusual rate of mail containing one of your URL domains",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain"]),
        ReplyRule(
            "gmail.4.7.28-same-id", .gmail, "421 4.7.28", "same message-id",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Same Message-ID sent too often.",
            advice: "Use a unique Message-ID per message.",
            example: "421 4.7.28 Gmail has detected this message has the same Message-ID as others",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain"]),
        ReplyRule(
            "gmail.4.7.28", .gmail, "421 4.7.28", "",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Unusual rate from the IP.",
            advice: "Pause at least 10 min, restart with one connection and add one at a time.",
            example: "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.4.7.29", .gmail, "421 4.7.29", "tls",
            .tls, .gatewayOperator, .afterFix,
            meaning: "No TLS, throttled.",
            advice: "Use STARTTLS.",
            example: "421 4.7.29 Your email has been rate limited because this message wasn't sent over a TLS connection",
            counterexamples: ["421 4.7.0 Tls required for rcpt domain"]),
        ReplyRule(
            "gmail.4.7.30", .gmail, "421 4.7.30", "dkim",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DKIM missing or failing, throttled.",
            advice: "Sign with DKIM.",
            example: "421 4.7.30 Your email has been rate limited because DKIM authentication didn't pass for this message",
            counterexamples: ["421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain"]),
        ReplyRule(
            "gmail.4.7.32", .gmail, "421 4.7.32", "align",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "From not aligned with SPF or DKIM, throttled.",
            advice: "Align domains.",
            example: """
                421 4.7.32 Your email has been rate limited because the From: header isn't aligned with either the authenticated SPF or \
                DKIM organizational domain
                """,
            counterexamples: ["421 5.7.32 Your email has been blocked because the From: header isn't aligned with the SPF or DKIM domain"]),
        ReplyRule(
            "gmail.4.7.40", .gmail, "421 4.7.40", "dmarc",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "No DMARC record, throttled.",
            advice: "Publish DMARC p=none or stricter.",
            example: "421 4.7.40 Your email has been rate limited because the sending domain has no DMARC record",
            counterexamples: ["550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy."]),
    ]
}
