import OutboundPolicy

// What some further providers say, and words that many servers use.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Comcast, GMX and IONOS, Orange, QQ.
    static let operators: [ReplyRule] = [
        ReplyRule(
            "comcast.5.2.0", .comcast, "550 5.2.0", "message rejected due to dmarc",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DMARC refusal.",
            advice: "Align SPF or DKIM.",
            example: "550 5.2.0 Message rejected due to dmarc",
            counterexamples: [
                "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception with message The message can't be submitted because the sender's submission quota was exceeded."
            ]),
        ReplyRule(
            "comcast.5.1.1", .comcast, "550 5.1.1", "not our customer",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: "550 5.1.1 Not our Customer",
            counterexamples: [
                "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the recipient's email address for typos"
            ]),
        ReplyRule(
            "gmx-ionos.reverse-dns", .gmx, "550", "bad dns ptr resource record",
            .reverseDNS, .gatewayOperator, .afterFix,
            meaning: "Bad PTR.",
            advice: "Publish PTR.",
            example: "550 Requested action not taken: bad DNS PTR resource record",
            counterexamples: ["550 5.7.25 Access denied, the sending IPv6 address [2001:db8::1] must have a reverse DNS record"]),
        ReplyRule(
            "gmx-ionos.policy", .gmx, "550", "reject due to policy restrictions",
            .policy, .sender, .afterFix,
            meaning: "Header, domain or IP policy.",
            advice: "Read the part in brackets and fix.",
            example: "550 Requested action not taken: reject due to policy restrictions",
            counterexamples: ["550 5.7.1 [cs01] message rejected due to local policy"]),
        ReplyRule(
            "orange-fr.ofr-506", .orange, "550", "ofr_506",
            .content, .sender, .no,
            meaning: "Mail refused as spam.",
            advice: "Change content, check reputation.",
            example: "550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]",
            counterexamples: ["550 5.1.1 Adresse d'au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"]),
        ReplyRule(
            "orange-fr.ofr-416", .orange, "550 (5.1.1)", "{ofr_416|lpn007_416}",
            .noSuchRecipient, .sender, .no,
            meaning: "Invalid recipient.",
            advice: "Suppress.",
            example: "550 5.1.1 Adresse d'au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
            counterexamples: ["550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"]),
        ReplyRule(
            "qq.frequency", .qq, "550", "sender frequency limited",
            .rateLimit, .gatewayOperator, .wait,
            meaning: "Rate limit.",
            advice: "Slow down, retry next day.",
            example: "550 Mail content denied. Sender frequency limited.",
            counterexamples: ["550 5.1.8 Access denied, bad outbound sender"]),
    ]

    /// Words that many servers use; tried last.
    static let generic: [ReplyRule] = [
        ReplyRule(
            "generic.4.2.0", .generic, "450 (4.2.0)", "greylisted for # seconds",
            .greylisted, .nobody, .backoff,
            meaning: "Greylisting.",
            advice: "Retry after the time named.",
            example: "450 4.2.0 <anna@example.net>: Recipient address rejected: Greylisted for 300 seconds",
            counterexamples: ["451 4.7.1 <anna@example.net>: Recipient address rejected: Greylisted for 5 minutes"]),
        ReplyRule(
            "generic.5.1.1", .generic, "550 5.1.1", "{user unknown|recipient address rejected}",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: "550 5.1.1 <anna@example.net>: Recipient address rejected: User unknown in local recipient table",
            counterexamples: ["550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"]),
        ReplyRule(
            "generic.5.1.8", .generic, "550 5.1.8", "{sender address rejected: domain not found|domain of sender address does not exist}",
            .senderDomain, .senderAdministrator, .afterFix,
            meaning: "MAIL FROM domain has no DNS (do not confuse with Exchange Online 5.1.8).",
            advice: "Fix DNS.",
            example: "550 5.1.8 <anna@example.invalid>: Sender address rejected: Domain not found",
            counterexamples: ["550 5.1.8 Access denied, bad outbound sender"]),
        ReplyRule(
            "generic.5.7.1-relay-denied", .generic, "554 5.7.1", "relay access denied",
            .relaying, .gatewayOperator, .afterFix,
            meaning: "Server does not serve that domain.",
            advice: "Check MX or routing.",
            example: "554 5.7.1 <anna@example.net>: Relay access denied",
            counterexamples: ["554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"]),
        ReplyRule(
            "generic.5.7.1-block-list", .generic, "550 (5.7.1)",
            "{listed at|listed in|listed by|blocked using|rejected} …{spamhaus|spamcop|barracudacentral|sorbs}",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP on a public block list.",
            advice: "Remove the cause, delist at that list.",
            example: "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
            counterexamples: ["554 5.7.1 <anna@example.net>: Relay access denied"]),
        ReplyRule(
            "generic.sign-in", .generic, "535!", "",
            .signIn, .sender, .afterFix, upstream: .signIn,
            meaning: "The host refuses the user name and password (RFC 4954).",
            advice: "Set the right password for this route, or ask the host's operator what kind of sign-in it takes.",
            example: "535 5.7.8 Error: authentication failed",
            counterexamples: ["454 4.7.0 Temporary authentication failure"]),
    ]
}
