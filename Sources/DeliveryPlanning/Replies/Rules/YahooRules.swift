// What Yahoo and AOL say.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Tags in brackets, and plain words.
    static let yahoo: [ReplyRule] = [
        ReplyRule(
            "yahoo.tss04", .yahoo, "421 (4.7.0)", "[tss04]",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Deferred for volume or complaints.",
            advice: "Retry later, slow down, check complaints.",
            example: """
                421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1
                """,
            counterexamples: ["451 4.7.0 Temporary server error. Please try again later. PRX5"]),
        ReplyRule(
            "yahoo.ts03", .yahoo, "(4.7.1)", "{[ts01]|[ts02]|[ts03]}",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Deferred for volume or complaints, older tag (TS03 seen; TS01 and TS02 unverified).",
            advice: "Retry later, slow down.",
            example: "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred",
            counterexamples: ["421 4.7.1 Messages to anna@icloud.com deferred due to excessive volume. Try again later"]),
        ReplyRule(
            "yahoo.tss09", .yahoo, "553 (5.7.2)", "{[tss09]|[tss11]}",
            .rateLimit, .gatewayOperator, .no,
            meaning: "Permanently deferred; retry is useless by its own text.",
            advice: "Stop, clean up, open a sender support request.",
            example: "553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.",
            counterexamples: [
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1"
            ]),
        ReplyRule(
            "yahoo.bl21", .yahoo, "553 (5.7.1)", "{[bl21]|[bl23]}",
            .blockList, .gatewayOperator, .afterFix,
            meaning: "IP listed by Spamhaus.",
            advice: "Delist at Spamhaus.",
            example: "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
            counterexamples: ["550 5.7.1 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused"]),
        ReplyRule(
            "yahoo.5.7.9-policy", .yahoo, "554 5.7.9", "message not accepted for policy reasons",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "Policy or DMARC refusal.",
            advice: "Check DMARC, DKIM and content.",
            example: "554 5.7.9 Message not accepted for policy reasons",
            counterexamples: [
                "550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM"
            ]),
        ReplyRule(
            "yahoo.5.7.9-unauthenticated", .yahoo, "550 (5.7.9)", "requires all senders to authenticate with either spf or dkim",
            .authentication, .senderAdministrator, .afterFix,
            meaning: "No SPF and no DKIM.",
            advice: "Publish SPF or sign with DKIM.",
            example: """
                550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate \
                with either SPF or DKIM
                """,
            counterexamples: ["554 5.7.9 Message not accepted for policy reasons"]),
        ReplyRule(
            "yahoo.ph01", .yahoo, "554", "[ph01]",
            .content, .sender, .afterFix,
            meaning: "Content refused (phishing or malware).",
            advice: "Remove bad links, check for compromise.",
            example: "554 Message not allowed - [PH01] Email not accepted for policy reasons",
            counterexamples: [
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1"
            ]),
        ReplyRule(
            "yahoo.no-account", .yahoo, "554", "delivery error: dd this user doesn?t have a",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: "554 delivery error: dd This user doesn't have a yahoo.com account (anna@yahoo.com)",
            counterexamples: [
                "554 delivery error: dd Sorry, your message to anna@yahoo.com cannot be delivered. This account is not a valid yahoo account"
            ]),
        ReplyRule(
            "yahoo.mailbox-closed", .yahoo, "554", "delivery error: dd …{is no longer valid|not a valid}",
            .recipientClosed, .sender, .no,
            meaning: "Mailbox closed.",
            advice: "Suppress.",
            example: """
                554 delivery error: dd Sorry, your message to anna@yahoo.com cannot be delivered. This account is not a valid yahoo \
                account
                """,
            counterexamples: ["554 delivery error: dd This user doesn't have a yahoo.com account (anna@yahoo.com)"]),
        ReplyRule(
            "yahoo.mailbox-disabled", .yahoo, "554", "this mailbox is disabled (554.30)",
            .recipientClosed, .sender, .no,
            meaning: "Mailbox disabled.",
            advice: "Suppress.",
            example: "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information."
            ]),
        ReplyRule(
            "yahoo.mailbox-not-found", .yahoo, "552", "requested mail action aborted, mailbox not found",
            .noSuchRecipient, .sender, .no,
            meaning: "No such mailbox.",
            advice: "Suppress.",
            example: "552 1 Requested mail action aborted, mailbox not found",
            counterexamples: ["550 5.5.0 Requested action not taken: mailbox unavailable"]),
        ReplyRule(
            "yahoo.recipient-rate", .yahoo, "450", "user is receiving mail too quickly",
            .recipientRate, .nobody, .backoff,
            meaning: "Recipient gets too much mail.",
            advice: "Retry later.",
            example: "450 User is receiving mail too quickly",
            counterexamples: [
                "450-4.2.1 The user you are trying to contact is receiving email at a rate that\n450-4.2.1 prevents additional messages from being delivered. Please resend your message\n450 4.2.1 at a later time."
            ]),
        ReplyRule(
            "yahoo.connection-used-up", .yahoo, "421", "max message per connection reached",
            .connectionLimit, .nobody, .backoff,
            meaning: "Connection used up.",
            advice: "Open a new connection at once.",
            example: "421 Max message per connection reached",
            counterexamples: ["554 5.7.9 Message not accepted for policy reasons"]),
        ReplyRule(
            "yahoo.busy", .yahoo, "451", "resources temporarily unavailable",
            .serverBusy, .nobody, .backoff,
            meaning: "Server busy.",
            advice: "Retry.",
            example: "451 mta4 Resources temporarily unavailable. Please try again later",
            counterexamples: [
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1"
            ]),
        ReplyRule(
            "yahoo.4-unresolvable-domain", .yahoo, "451", "unresolvable rfc.5321 {|from }domain",
            .senderDomain, .senderAdministrator, .backoff,
            meaning: "MAIL FROM domain not resolvable now (SOA looked up).",
            advice: "Fix DNS (A or MX and SOA).",
            example: "451 Message temporarily deferred due to unresolvable RFC.5321 from domain",
            counterexamples: ["554 Message not allowed - unresolvable RFC.5322 from domain"]),
        ReplyRule(
            "yahoo.5-unresolvable-domain", .yahoo, "554", "unresolvable {rfc.5321|rfc.5322} {|from }domain",
            .senderDomain, .senderAdministrator, .afterFix,
            meaning: "From domain does not exist.",
            advice: "Fix DNS or the From domain.",
            example: "554 Message not allowed - unresolvable RFC.5322 from domain",
            counterexamples: ["451 Message temporarily deferred due to unresolvable RFC.5321 from domain"]),
        ReplyRule(
            "yahoo.headers", .yahoo, "554", "headers are not rfc compliant",
            .messageFormat, .sender, .afterFix,
            meaning: "Malformed or duplicate header.",
            advice: "Repair headers.",
            example: "554 Message not allowed - Headers are not RFC compliant",
            counterexamples: ["550 5.7.1 Messages missing a valid From header are not RFC 5322 compliant"]),
    ]
}
