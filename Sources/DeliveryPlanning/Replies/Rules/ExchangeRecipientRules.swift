// What Microsoft 365 says as a receiver about recipients.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Addresses and who may write to them.
    static let exchangeRecipients: [ReplyRule] = [
        ReplyRule(
            "exchange-online-inbound.5.1.10", .exchangeOnlineInbound, "550 5.1.10", "{|resolver.adr.}recipient{ |}not{ |}found",
            .noSuchRecipient, .sender, .no,
            meaning: "Mailbox does not exist.",
            advice: "Correct the address and suppress it.",
            example: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            counterexamples: ["550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"]),
        ReplyRule(
            "exchange-online-inbound.5.1.1", .exchangeOnlineInbound, "550 5.1.1",
            "{bad destination mailbox address|resolver.adr.exrecipnotfound}",
            .noSuchRecipient, .sender, .no,
            meaning: "Mailbox does not exist or stale cache entry.",
            advice: "Correct the address.",
            example: "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
            counterexamples: [
                "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking the recipient's email address for typos"
            ]),
        ReplyRule(
            "exchange-online-inbound.5.4.1-no-such-recipient", .exchangeOnlineInbound, "550 5.4.1",
            "recipient address rejected: access denied",
            .noSuchRecipient, .sender, .no,
            meaning: "Directory-based edge block: no such recipient.",
            advice: "Correct the address and suppress it.",
            example: "550 5.4.1 [anna@example.net] Recipient address rejected: Access denied. AS(201806281)",
            counterexamples: ["550 5.4.1 Relay access denied"]),
        ReplyRule(
            "exchange-online-inbound.5.4.1-relay-denied", .exchangeOnlineInbound, "550 5.4.1", "relay access denied",
            .relaying, .recipientAdministrator, .afterFix,
            meaning: "Domain is not hosted there.",
            advice: "Check MX and accepted domain.",
            example: "550 5.4.1 Relay access denied",
            counterexamples: ["550 5.4.1 [anna@example.net] Recipient address rejected: Access denied. AS(201806281)"]),
        ReplyRule(
            "exchange-online-inbound.5.5.0", .exchangeOnlineInbound, "550 5.5.0", "requested action not taken: mailbox unavailable",
            .noSuchRecipient, .sender, .no,
            meaning: "Unknown Outlook.com or Hotmail mailbox.",
            advice: "Correct the address and suppress it.",
            example: "550 5.5.0 Requested action not taken: mailbox unavailable",
            counterexamples: ["550 5.7.134 Sender was not authenticated for mailbox"]),
        ReplyRule(
            "exchange-online-inbound.5.2.2", .exchangeOnlineInbound, "554 (5.2.2)", "mailbox full|mapiexceptionshutoffquotaexceeded",
            .recipientFull, .recipient, .wait,
            meaning: "Recipient mailbox is full.",
            advice: "Try again in days, then suppress.",
            example: "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception: the quota of the recipient is used up",
            counterexamples: ["5.2.2 Submission quota exceeded"]),
        ReplyRule(
            "exchange-online-inbound.5.7.1-not-authorized", .exchangeOnlineInbound, "550 5.7.1", "delivery not authorized",
            .policy, .recipientAdministrator, .no,
            meaning: "Sender is not on the allowed list or a mail-flow rule refused it.",
            advice: "Ask the recipient side for permission.",
            example: "550 5.7.1 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused",
            counterexamples: ["530 5.7.1 Client was not authenticated"]),
        ReplyRule(
            "exchange-online-inbound.5.7.1-unable-to-relay", .exchangeOnlineInbound, "550 5.7.1", "unable to relay",
            .relaying, .gatewayOperator, .afterFix,
            meaning: "Server is not responsible for that domain.",
            advice: "Check routing or relay rights.",
            example: "550 5.7.1 Unable to relay",
            counterexamples: ["550 5.7.1 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused"]),
        ReplyRule(
            "exchange-online-inbound.5.7.1-sign-in", .exchangeOnlineInbound, "530 5.7.1", "client was not authenticated",
            .signIn, .gatewayOperator, .afterFix,
            meaning: "Server wants sign-in first.",
            advice: "Send through the right connector or sign in.",
            example: "530 5.7.1 Client was not authenticated",
            counterexamples: ["550 5.7.1 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused"]),
        ReplyRule(
            "exchange-online-inbound.5.7.12", .exchangeOnlineInbound, "550 5.7.12", "sender was not authenticated by organization",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Recipient takes internal mail only.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.12 Sender was not authenticated by organization",
            counterexamples: ["550 5.7.134 Sender was not authenticated for mailbox"]),
        ReplyRule(
            "exchange-online-inbound.5.7.124", .exchangeOnlineInbound, "550 5.7.124", "sender not in allowed-senders list",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Group allows listed senders only.",
            advice: "Ask the group owner.",
            example: "550 5.7.124 Sender not in allowed-senders list",
            counterexamples: ["550 5.7.12 Sender was not authenticated by organization"]),
        ReplyRule(
            "exchange-online-inbound.5.7.129", .exchangeOnlineInbound, "550 5.7.129", "",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Recipient allows listed senders only.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not permitted",
            counterexamples: ["452 4.5.3 Too many recipients"]),
        ReplyRule(
            "exchange-online-inbound.5.7.133", .exchangeOnlineInbound, "550 5.7.133",
            "{|resolver.rst.}sender{ |}not{ |}authenticated{ |}for{ |}group",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Group takes internal mail only.",
            advice: "Ask the group owner.",
            example: "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            counterexamples: ["550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"]),
        ReplyRule(
            "exchange-online-inbound.5.7.134", .exchangeOnlineInbound, "550 5.7.134", "sender was not authenticated for mailbox",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Mailbox takes internal mail only.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.134 Sender was not authenticated for mailbox",
            counterexamples: ["550 5.7.13 Sender was not authenticated for public folder"]),
        ReplyRule(
            "exchange-online-inbound.5.7.135", .exchangeOnlineInbound, "550 5.7.13 5.7.135",
            "sender was not authenticated for public folder",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Public folder takes internal mail only.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.13 Sender was not authenticated for public folder",
            counterexamples: ["550 5.7.134 Sender was not authenticated for mailbox"]),
        ReplyRule(
            "exchange-online-inbound.5.7.136", .exchangeOnlineInbound, "550 5.7.136", "sender was not authenticated",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Mail user takes internal mail only.",
            advice: "Ask the recipient admin.",
            example: "550 5.7.136 Sender was not authenticated",
            counterexamples: ["550 5.7.12 Sender was not authenticated by organization"]),
        ReplyRule(
            "exchange-online-inbound.5.7.193", .exchangeOnlineInbound, "550 5.7.193", "",
            .recipientPolicy, .recipientAdministrator, .no,
            meaning: "Microsoft 365 group does not take external mail.",
            advice: "Ask the group owner.",
            example: "550 5.7.193 UnifiedGroupAgent; Delivery failed because the sender isn't a group member",
            counterexamples: ["452 4.5.3 Too many recipients"]),
        ReplyRule(
            "exchange-online-inbound.5.7.504", .exchangeOnlineInbound, "550 5.7.504", "recipient address rejected: access denied",
            .noSuchRecipient, .sender, .no,
            meaning: "Recipient is not valid.",
            advice: "Correct the address.",
            example: "550 5.7.504 [anna@example.net] Recipient address rejected: Access denied",
            counterexamples: ["550 5.4.1 [anna@example.net] Recipient address rejected: Access denied. AS(201806281)"]),
        ReplyRule(
            "exchange-online-inbound.5.7.505", .exchangeOnlineInbound, "550 5.7.505", "access denied, banned recipient",
            .recipientPolicy, .providerSupport, .no,
            meaning: "Recipient is not accepted.",
            advice: "Contact support if wrong.",
            example: "550 5.7.505 Access denied, banned recipient",
            counterexamples: ["550 5.7.507 Access denied, rejected by recipient"]),
    ]
}
