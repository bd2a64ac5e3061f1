// What filters in front of many organisations say.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Proofpoint, Cloudmark, Mimecast, Barracuda, Trend Micro.
    static let filters: [ReplyRule] = [
        ReplyRule(
            "proofpoint.5.7.1-reputation", .proofpoint, "550 (5.7.1)", "blocked using prs.proofpoint.com",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP reputation block.",
            advice: "Ask for delisting at ipcheck.proofpoint.com.",
            example: "550 5.7.1 Blocked using prs.proofpoint.com",
            counterexamples: ["550 5.7.1 Blocked using cloudmark sender intelligence"]),
        ReplyRule(
            "proofpoint.5.7.0-reputation", .proofpoint, "550 5.7.0", "blocked - see https://support.proofpoint.com/dnsbl-lookup",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP reputation block (used by iCloud and others).",
            advice: "Ask for delisting.",
            example: "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup",
            counterexamples: ["550 5.7.0 Email rejected per sender's dmarc policy"]),
        ReplyRule(
            "proofpoint.5.7.0-dmarc", .proofpoint, "550 5.7.0", "email rejected per sender's dmarc policy",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "DMARC refusal.",
            advice: "Align SPF or DKIM.",
            example: "550 5.7.0 Email rejected per sender's dmarc policy",
            counterexamples: ["550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup"]),
        ReplyRule(
            "cloudmark.5.7.1", .cloudmark, "550 (5.7.1)", "blocked using cloudmark sender intelligence",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP reputation block.",
            advice: "Use csi.cloudmark.com/reset-request.",
            example: "550 5.7.1 Blocked using cloudmark sender intelligence",
            counterexamples: ["550 5.7.1 Blocked using prs.proofpoint.com"]),
        ReplyRule(
            "mimecast.envelope-blocked", .mimecast, "550", "administrative prohibition - envelope blocked",
            .policy, .recipientAdministrator, .no,
            meaning: "Blocked sender policy or SPF hard fail.",
            advice: "Ask the recipient admin.",
            example: "550 Administrative prohibition - envelope blocked",
            counterexamples: ["550 Envelope blocked - user entry"]),
        ReplyRule(
            "mimecast.busy", .mimecast, "451", "internal resource{ |s }{|are |is }temporarily unavailable",
            .greylisted, .nobody, .backoff,
            meaning: "Greylisting or reputation; retry 1 min to 12 h.",
            advice: "Retry.",
            example: "451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451",
            counterexamples: ["550 Administrative prohibition - envelope blocked"]),
        ReplyRule(
            "mimecast.ip-reputation", .mimecast, "550", "local ct ip reputation - (reject)",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP reputation.",
            advice: "Ask for a review of the IP.",
            example: "550 Local ct ip reputation - (reject)",
            counterexamples: ["550 Administrative prohibition - envelope blocked"]),
        ReplyRule(
            "mimecast.authentication", .mimecast, "550", "{spf|dkim|dmarc} sender invalid - envelope rejected",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Authentication failed.",
            advice: "Fix SPF, DKIM or DMARC.",
            example: "550 Spf sender invalid - envelope rejected",
            counterexamples: ["550 Administrative prohibition - envelope blocked"]),
        ReplyRule(
            "mimecast.anti-spoofing", .mimecast, "550", "rejected by header{ |-}based anti-spoofing policy",
            .policy, .recipientAdministrator, .no,
            meaning: "Mail claims to come from the recipient own domain.",
            advice: "Ask the recipient admin for an exception.",
            example: "550 Rejected by header based anti-spoofing policy",
            counterexamples: ["550 Spf sender invalid - envelope rejected"]),
        ReplyRule(
            "mimecast.recipient-block", .mimecast, "550", "envelope blocked - user {|domain }entry",
            .recipientPolicy, .recipient, .no,
            meaning: "Recipient blocked the sender personally.",
            advice: "Respect it and suppress.",
            example: "550 Envelope blocked - user entry",
            counterexamples: ["550 Administrative prohibition - envelope blocked"]),
        ReplyRule(
            "mimecast.size", .mimecast, "554", "maximum email size exceeded",
            .tooLarge, .sender, .afterFix,
            meaning: "Too large.",
            advice: "Shrink.",
            example: "554 Maximum email size exceeded",
            counterexamples: ["554 Email rejected due to security policies"]),
        ReplyRule(
            "mimecast.tls", .mimecast, "553", "this route requires {encryption (tls)|tls version 1.2 or greater}",
            .tls, .gatewayOperator, .afterFix,
            meaning: "TLS policy.",
            advice: "Use TLS 1.2 or newer.",
            example: "553 This route requires encryption (tls)",
            counterexamples: [
                "550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM"
            ]),
        ReplyRule(
            "mimecast.security-policy", .mimecast, "554", "email rejected due to security policies",
            .policy, .recipientAdministrator, .no,
            meaning: "Content or attachment policy.",
            advice: "Ask the recipient admin.",
            example: "554 Email rejected due to security policies",
            counterexamples: ["550 5.7.1 [cs01] message rejected due to local policy"]),
        ReplyRule(
            "barracuda.4.7.1-greylisted", .barracuda, "451 4.7.1", "recipient address rejected: greylisted for # minutes",
            .greylisted, .nobody, .backoff,
            meaning: "Greylisting.",
            advice: "Retry after the time named.",
            example: "451 4.7.1 <anna@example.net>: Recipient address rejected: Greylisted for 5 minutes",
            counterexamples: ["450 cuda_nsu 4.7.1 Client host rejected: policy rejection- abuse"]),
        ReplyRule(
            "barracuda.4.7.1-abuse", .barracuda, "450 (4.7.1)", "cuda_nsu…policy rejection- abuse",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Rate or abuse policy.",
            advice: "Slow down.",
            example: "450 cuda_nsu 4.7.1 Client host rejected: policy rejection- abuse",
            counterexamples: ["451 4.7.1 <anna@example.net>: Recipient address rejected: Greylisted for 5 minutes"]),
        ReplyRule(
            "trendmicro.ers", .trendMicro, "550 (5.7.1)", "{ers-customized-block|ers-rbl|ers-dul|ers-qil}",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "Trend Micro reputation block.",
            advice: "Ask Trend Micro reputation service.",
            example: "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Trend Micro Email Reputation Service; ERS-DUL",
            counterexamples: ["550 5.7.1 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused"]),
    ]
}
