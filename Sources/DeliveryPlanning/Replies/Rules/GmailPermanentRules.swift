import OutboundPolicy

// What Gmail says when it refuses.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// 5xx.
    static let gmailForGood: [ReplyRule] = [
        ReplyRule(
            "gmail.5.1.1", .gmail, "550 5.1.1", "account that you tried to reach does not exist",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: """
                550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the \
                recipient's email address for typos
                """,
            counterexamples: ["550 5.2.1 The email account that you tried to reach is disabled."]),
        ReplyRule(
            "gmail.5.2.1", .gmail, "550 5.2.1", "account that you tried to reach is {inactive|disabled}",
            .recipientClosed, .sender, .no,
            meaning: "Mailbox disabled.",
            advice: "Suppress.",
            example: "550 5.2.1 The email account that you tried to reach is disabled.",
            counterexamples: [
                "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the recipient's email address for typos"
            ]),
        ReplyRule(
            "gmail.5.4.5", .gmail, "550 5.4.5", "daily {user sending|smtp relay} limit exceeded",
            .dailyLimit, .sender, .wait, upstream: .dailyLimit,
            meaning: "Google account or relay daily limit.",
            advice: "Wait a day.",
            example: "550 5.4.5 Daily user sending limit exceeded",
            counterexamples: ["450 4.2.1 Peak smtp relay limit exceeded"]),
        ReplyRule(
            "gmail.5.3.4", .gmail, "552 5.3.4", "{exceed|limit}",
            .tooLarge, .sender, .afterFix,
            meaning: "Message or header too large.",
            advice: "Shrink it.",
            example: "552 5.3.4 Your message exceeded Google's message size limits",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.5.7.0-attachment", .gmail, "552 5.7.0", "content presents a potential security issue",
            .content, .sender, .afterFix,
            meaning: "Blocked attachment type.",
            advice: "Remove or share the file by link.",
            example: "552 5.7.0 This message was blocked because its content presents a potential security issue",
            counterexamples: ["530 5.7.0 Must issue a starttls command first"]),
        ReplyRule(
            "gmail.5.7.1-unsolicited", .gmail, "550 5.7.1", "likely unsolicited",
            .content, .sender, .no,
            meaning: "Judged spam.",
            advice: "Change content and consent practice.",
            example: "550 5.7.1 Our system has detected that this message is likely unsolicited mail.",
            counterexamples: ["550 5.7.1 This message is likely suspicious due to the very low reputation of the sending IP address"]),
        ReplyRule(
            "gmail.5.7.1-reputation", .gmail, "550 5.7.1", "low reputation…of the sending {ip|domain}",
            .reputation, .gatewayOperator, .afterFix,
            meaning: "Reputation block.",
            advice: "Clean up, wait for recovery.",
            example: "550 5.7.1 This message is likely suspicious due to the very low reputation of the sending IP address",
            counterexamples: ["550 5.7.1 This message does not meet IPv6 sending guidelines regarding PTR records and authentication."]),
        ReplyRule(
            "gmail.5.7.1-ipv6", .gmail, "550 5.7.1", "ipv6 sending guidelines",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "IPv6 without PTR or authentication.",
            advice: "Fix PTR, SPF, DKIM or use IPv4.",
            example: "550 5.7.1 This message does not meet IPv6 sending guidelines regarding PTR records and authentication.",
            counterexamples: ["550 5.7.1 This message is likely suspicious due to the very low reputation of the sending IP address"]),
        ReplyRule(
            "gmail.5.7.1-format", .gmail, "550 5.7.1", "not rfc 5322 compliant",
            .messageFormat, .sender, .afterFix,
            meaning: "Duplicate, missing or malformed header.",
            advice: "Repair the header named in the text.",
            example: "550 5.7.1 Messages missing a valid From header are not RFC 5322 compliant",
            counterexamples: ["550 5.7.1 The IP you're using to send email is not authorized to send email directly to our servers."]),
        ReplyRule(
            "gmail.5.7.1-policy", .gmail, "550 5.7.1", "policy that prohibits the {email|mail}",
            .policy, .recipientAdministrator, .no,
            meaning: "Recipient organisation policy.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.1 The user or domain that you are sending to has a policy that prohibits the email that you sent.",
            counterexamples: ["550 5.7.1 This message is likely suspicious due to the very low reputation of the sending IP address"]),
        ReplyRule(
            "gmail.5.7.1-ip-not-authorized", .gmail, "550 5.7.1", "ip you?re using to send {email|mail} is not authorized",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Residential or blocked IP.",
            advice: "Use the provider smarthost.",
            example: "550 5.7.1 The IP you're using to send email is not authorized to send email directly to our servers.",
            counterexamples: ["550 5.7.1 Messages missing a valid From header are not RFC 5322 compliant"]),
        ReplyRule(
            "gmail.5.7.24", .gmail, "550 5.7.24", "spf record",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "SPF record too wide.",
            advice: "Tighten SPF.",
            example: "550 5.7.24 The SPF record of the sending domain has one or more suspicious entries.",
            counterexamples: ["451 4.7.24 Spf record of the sending domain has one or more suspicious entries"]),
        ReplyRule(
            "gmail.5.7.25", .gmail, "550 5.7.25", "ptr record",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "PTR missing or not matching.",
            advice: "Publish PTR.",
            example: "550 5.7.25 The IP address sending this message does not have a PTR record setup",
            counterexamples: ["550 5.7.25 Access denied, the sending IPv6 address [2001:db8::1] must have a reverse DNS record"]),
        ReplyRule(
            "gmail.5.7.26-spf", .gmail, "550 5.7.26", "hard fail policy",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "SPF -all and not listed IP.",
            advice: "Add the IP to SPF.",
            example: """
                550 5.7.26 The MAIL FROM domain has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with \
                the ip 192.0.2.1
                """,
            counterexamples: ["550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy."]),
        ReplyRule(
            "gmail.5.7.26-dmarc", .gmail, "550 5.7.26", "domain?s dmarc policy",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DMARC policy refuses the mail.",
            advice: "Align SPF or DKIM.",
            example: "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy.",
            counterexamples: [
                "550 5.7.26 The MAIL FROM domain has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with the ip 192.0.2.1"
            ]),
        ReplyRule(
            "gmail.5.7.26-unauthenticated", .gmail, "550 5.7.26", "unauthenticated",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Neither SPF nor DKIM passed.",
            advice: "Publish SPF and sign with DKIM.",
            example: "550 5.7.26 Your email has been blocked because the sender is unauthenticated.",
            counterexamples: [
                "550 5.7.26 The MAIL FROM domain has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks with the ip 192.0.2.1"
            ]),
        ReplyRule(
            "gmail.5.7.27", .gmail, "550 5.7.27", "",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Bulk sender without SPF.",
            advice: "Publish SPF.",
            example: "550 5.7.27 Your email has been blocked because SPF authentication didn't pass for this message",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.5.7.28", .gmail, "550 5.7.28", "",
            .rateLimit, .gatewayOperator, .afterFix,
            meaning: "Unusual rate of unsolicited mail from the IP.",
            advice: "Stop and clean up before sending again.",
            example: "550 5.7.28 There is an unusual rate of unsolicited mail originating from your IP address",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.5.7.29", .gmail, "550 5.7.29", "",
            .tls, .gatewayOperator, .afterFix,
            meaning: "No TLS.",
            advice: "Use STARTTLS.",
            example: "550 5.7.29 Your email has been blocked because this message wasn't sent over a TLS connection",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "gmail.5.7.30", .gmail, "550 5.7.30", "dkim",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Bulk sender without DKIM.",
            advice: "Sign with DKIM.",
            example: "550 5.7.30 Your email has been blocked because DKIM authentication didn't pass for this message",
            counterexamples: ["550 5.7.30 Basic authentication is not supported for client submission"]),
        ReplyRule(
            "gmail.5.7.32", .gmail, "5.7.32", "align",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "From not aligned (printed as 421 in the list).",
            advice: "Align domains.",
            example: "421 5.7.32 Your email has been blocked because the From: header isn't aligned with the SPF or DKIM domain",
            counterexamples: [
                "421 4.7.32 Your email has been rate limited because the From: header isn't aligned with either the authenticated SPF or DKIM organizational domain"
            ]),
        ReplyRule(
            "gmail.5.7.40", .gmail, "550 5.7.40", "dmarc",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "No DMARC record.",
            advice: "Publish DMARC.",
            example: "550 5.7.40 Your email has been blocked because the sending domain has no DMARC record",
            counterexamples: ["421 4.7.40 Your email has been rate limited because the sending domain has no DMARC record"]),
        ReplyRule(
            "gmail.5.7.8", .gmail, "535 (5.7.8)", "username and password not accepted",
            .signIn, .sender, .afterFix, upstream: .signIn,
            meaning: "Wrong sign-in (list prints 5.7.80).",
            advice: "Use an app password or OAuth.",
            example: "535 5.7.8 Username and password not accepted",
            counterexamples: [
                "552-5.2.2 The recipient's inbox is out of storage space and inactive.\n552 5.2.2 Please direct the recipient to their storage settings"
            ]),
        ReplyRule(
            "gmail.5.7.0-tls", .gmail, "530 5.7.0", "must issue a starttls command first",
            .tls, .gatewayOperator, .afterFix,
            meaning: "No TLS.",
            advice: "Use STARTTLS.",
            example: "530 5.7.0 Must issue a starttls command first",
            counterexamples: ["552 5.7.0 This message was blocked because its content presents a potential security issue"]),
        ReplyRule(
            "gmail.5.7.0-relay", .gmail, "550 5.7.0", "{email|mail} relay denied",
            .relaying, .senderAdministrator, .afterFix,
            meaning: "Relay not registered.",
            advice: "Register IP or domain in Workspace relay.",
            example: "550 5.7.0 Email relay denied",
            counterexamples: ["552 5.7.0 This message was blocked because its content presents a potential security issue"]),
    ]
}
