// What iCloud Mail says.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// All of them.
    static let icloud: [ReplyRule] = [
        ReplyRule(
            "icloud.4.7.1", .icloud, "421 4.7.1", "messages to … deferred due to excessive volume",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Rate limit.",
            advice: "Slow down.",
            example: "421 4.7.1 Messages to anna@icloud.com deferred due to excessive volume. Try again later",
            counterexamples: ["421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred"]),
        ReplyRule(
            "icloud.cs01", .icloud, "550 (5.7.1)", "[cs01] message rejected due to local policy",
            .content, .gatewayOperator, .no,
            meaning: "Local policy or reputation.",
            advice: "Review content, write to icloudadmin@apple.com.",
            example: "550 5.7.1 [cs01] message rejected due to local policy",
            counterexamples: ["550 5.7.1 Your message was rejected due to example.org's DMARC policy."]),
        ReplyRule(
            "icloud.hme1", .icloud, "554 (5.7.1)", "[hme1] this message was blocked for failing both spf and dkim",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "No SPF and no DKIM.",
            advice: "Publish SPF and sign with DKIM.",
            example: "554 5.7.1 [hme1] this message was blocked for failing both spf and dkim",
            counterexamples: ["550 5.7.1 Your message was rejected due to example.org's DMARC policy."]),
        ReplyRule(
            "icloud.5.7.1-dmarc", .icloud, "550 5.7.1", "your message was rejected due to …dmarc policy",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DMARC refusal.",
            advice: "Align SPF or DKIM.",
            example: "550 5.7.1 Your message was rejected due to example.org's DMARC policy.",
            counterexamples: ["550 5.7.1 [cs01] message rejected due to local policy"]),
        ReplyRule(
            "icloud.5.7.1-dbl", .icloud, "550 (5.7.1)", "domain present in the spamhaus dbl",
            .blockList, .sender, .afterFix,
            meaning: "A domain in the mail is listed.",
            advice: "Delist or remove the domain.",
            example: "550 5.7.1 Mail from example.org was rejected because of a domain present in the Spamhaus DBL",
            counterexamples: ["550 5.7.1 Your email was rejected due to listing in Spamhaus SBL"]),
        ReplyRule(
            "icloud.5.7.1-sbl", .icloud, "550 (5.7.1)", "rejected due to listing in spamhaus sbl",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP listed.",
            advice: "Delist at Spamhaus.",
            example: "550 5.7.1 Your email was rejected due to listing in Spamhaus SBL",
            counterexamples: ["550 5.7.1 [cs01] message rejected due to local policy"]),
        ReplyRule(
            "icloud.5.2.2", .icloud, "552 5.2.2", "user is over quota",
            .recipientFull, .recipient, .wait,
            meaning: "Mailbox full.",
            advice: "Retry for days, then suppress.",
            example: "552 5.2.2 <anna@icloud.com>: user is over quota",
            counterexamples: ["5.2.2 Submission quota exceeded"]),
        ReplyRule(
            "icloud.5.1.1", .icloud, "550 5.1.1", "{inactive email address|user does not exist|unknown or illegal alias}",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: "550 5.1.1 <anna@icloud.com>: inactive email address",
            counterexamples: [
                "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the recipient's email address for typos"
            ]),
        ReplyRule(
            "icloud.5.1.6", .icloud, "550 5.1.6", "recipient no longer on server",
            .noSuchRecipient, .sender, .no,
            meaning: "Mailbox moved away.",
            advice: "Suppress.",
            example: "550 5.1.6 Recipient no longer on server",
            counterexamples: [
                "Your message couldn't be delivered because you weren't recognized as a valid sender. Your email address is suspected of sending spam and it's no longer allowed to send email outside of your organization."
            ]),
        ReplyRule(
            "icloud.4.1.8", .icloud, "450 4.1.8", "sender address rejected: domain not found",
            .senderDomain, .senderAdministrator, .backoff,
            meaning: "MAIL FROM domain has no DNS.",
            advice: "Fix DNS.",
            example: "450 4.1.8 <anna@example.invalid>: Sender address rejected: Domain not found",
            counterexamples: ["550 5.1.8 <anna@example.invalid>: Sender address rejected: Domain not found"]),
    ]
}
