import OutboundPolicy

// What the answers of Microsoft Graph and the Gmail API mean, in the words that `APIReply` makes of them.
extension ReplyRules {
    static let providerAPIs: [ReplyRule] = graph + gmailAPI

    private static let graph: [ReplyRule] = [
        ReplyRule(
            "graph.token", .exchangeOnline, "535 5.7.8", "microsoft graph: 401", .signIn, .senderAdministrator, .afterFix,
            upstream: .signIn,
            meaning: "Microsoft Graph does not take the application's token.",
            advice: "Check the tenant, the client id and the secret of the route: postern routes preflight names the step.",
            example: "535 5.7.8 Microsoft Graph: 401 InvalidAuthenticationToken: Access token validation failure.",
            counterexamples: ["535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied: Access is denied."]),
        ReplyRule(
            "graph.access", .exchangeOnline, "535 5.7.8", "microsoft graph: 403", .signIn, .senderAdministrator, .afterFix,
            upstream: .signIn,
            meaning: "The application may not send as this mailbox.",
            advice: """
                Give the app registration the application permission Mail.Send of Microsoft Graph and grant admin consent; where Exchange limits the \
                application to some mailboxes (RBAC for Applications, an application access policy), take this mailbox in.
                """,
            example: "535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied: Access is denied. Check credentials and try again.",
            counterexamples: ["550 5.7.60 Microsoft Graph: 403 ErrorSendAsDenied: The user account cannot send as this address."]),
        ReplyRule(
            "graph.mailbox", .exchangeOnline, "535 5.7.8", "microsoft graph: 404", .signIn, .senderAdministrator, .afterFix,
            upstream: .signIn,
            meaning: "There is no such mailbox in the tenant, or it is not in Exchange Online.",
            advice: "Give the route a user, or an identity, that is the address of a mailbox in Exchange Online.",
            example: "535 5.7.8 Microsoft Graph: 404 ErrorInvalidUser: The requested user 'x@example.org' is invalid.",
            counterexamples: ["535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied: Access is denied."]),
        ReplyRule(
            "graph.send-as", .exchangeOnline, "550 5.7.60", "microsoft graph: # errorsendasdenied", .sendAs, .senderAdministrator,
            .afterFix,
            meaning: "The mailbox may not send as the address in From.",
            advice:
                "Grant Send As on that address to the mailbox, rewrite the address (postern routes rewrite), or give the sender an identity of its own.",
            example:
                "550 5.7.60 Microsoft Graph: 403 ErrorSendAsDenied: The user account which was used to submit this request does not have the right",
            counterexamples: ["535 5.7.8 Microsoft Graph: 403 ErrorAccessDenied: Access is denied."]),
        ReplyRule(
            "graph.size", .exchangeOnline, "552 5.3.4", "microsoft graph: {413|# errormessagesizeexceeded}", .tooLarge, .sender, .afterFix,
            meaning: "The message is larger than one call of Microsoft Graph takes: 3 MB with attachments.",
            advice: "Send it by a route over SMTP, which takes 35 MB and more, or make it smaller.",
            example: "552 5.3.4 Microsoft Graph: 413 RequestEntityTooLarge: The request is too large.",
            counterexamples: ["554 5.6.0 Microsoft Graph: 400 ErrorMimeContentInvalid: Invalid MIME content."]),
        ReplyRule(
            "graph.concurrency", .exchangeOnline, "432 4.3.2", "microsoft graph: # mailboxconcurrency", .connectionLimit, .nobody, .backoff,
            upstream: .tooManyConnections, meaning: "More calls at a time than Microsoft Graph takes for one mailbox (4).",
            advice: "Nothing: the route goes on with fewer.",
            example:
                "432 4.3.2 Microsoft Graph: 429 MailboxConcurrency (again after 10 s): Application is over its MailboxConcurrency limit.",
            counterexamples: ["451 4.7.1 Microsoft Graph: 429 ApplicationThrottled (again after 30 s)"]),
        ReplyRule(
            "graph.rate", .exchangeOnline, "451 4.7.1", "microsoft graph: 429", .rateLimit, .nobody, .backoff,
            meaning: "Microsoft Graph takes fewer calls than come.",
            advice: "Nothing: Postern slows down. Where it lasts: postern shaping preset microsoft-365-mailbox ROUTE.",
            example: "451 4.7.1 Microsoft Graph: 429 ApplicationThrottled (again after 30 s)",
            counterexamples: ["451 4.3.0 Microsoft Graph: 503 ErrorServerBusy"]),
        ReplyRule(
            "graph.daily-limit", .exchangeOnline, "550 5.4.5", "microsoft graph: # errorexceededmessagelimit", .dailyLimit, .sender, .wait,
            upstream: .dailyLimit, meaning: "The mailbox has used up what it may send in a day.",
            advice: "Wait until tomorrow, or send less from this mailbox; a stolen account is a common cause.",
            example: "550 5.4.5 Microsoft Graph: 400 ErrorExceededMessageLimit: Cannot send more messages.",
            counterexamples: ["550 5.4.5 Gmail API: 403 dailyLimitExceeded: Daily Limit Exceeded"]),
        ReplyRule(
            "graph.restricted", .exchangeOnline, "550 5.1.8", "microsoft graph: # errormessagesubmissionblocked", .senderRestricted,
            .senderAdministrator, .no, upstream: .restricted, meaning: "Microsoft 365 no longer lets this mailbox send.",
            advice: "Secure the account, then release it on the Restricted entities page.",
            example: "550 5.1.8 Microsoft Graph: 403 ErrorMessageSubmissionBlocked: Cannot send mail.",
            counterexamples: ["550 5.1.8 Access denied, bad outbound sender"]),
        ReplyRule(
            "graph.mailbox-full", .exchangeOnline, "554 5.2.2", "microsoft graph: # errorquotaexceeded", .senderMailboxFull,
            .senderAdministrator, .afterFix, upstream: .mailboxFull,
            meaning: "The mailbox as which mail is sent is full: Graph keeps a copy in Sent Items.",
            advice: "Empty or enlarge that mailbox; a retention policy for Sent Items keeps it so.",
            example: "554 5.2.2 Microsoft Graph: 507 ErrorQuotaExceeded: The mailbox is over its quota.",
            counterexamples: ["552 5.2.2 Mailbox full"]),
        ReplyRule(
            "graph.content", .exchangeOnline, "550 554 5.6.0 5.1.3", "microsoft graph: 400", .messageFormat, .sender,
            .afterFix,
            meaning: "Microsoft Graph does not take the message: its MIME form or an address in its header is wrong.",
            advice: "The trace has Graph's words; correct the sending program, or send it by a route over SMTP.",
            example: "554 5.6.0 Microsoft Graph: 400 ErrorMimeContentInvalid: Invalid MIME content.",
            counterexamples: ["451 4.3.0 Microsoft Graph: 503 ErrorServerBusy"]),
    ]

    private static let gmailAPI: [ReplyRule] = [
        ReplyRule(
            "gmail-api.sign-in", .gmail, "535 5.7.8", "gmail api: #", .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "The Gmail API does not let the application send as this mailbox.",
            advice: """
                Enable the Gmail API in the project, and give the service account's client id the scope https://www.googleapis.com/auth/gmail.send \
                (Admin console, Security, API controls, Domain-wide delegation); the mailbox has to have Gmail switched on.
                """,
            example: "535 5.7.8 Gmail API: 403 accessNotConfigured: Gmail API has not been used in project 1 before or it is disabled.",
            counterexamples: ["535 5.7.8 Username and Password not accepted"]),
        ReplyRule(
            "gmail-api.daily-limit", .gmail, "550 5.4.5", "gmail api: # dailylimitexceeded", .dailyLimit, .sender, .wait,
            upstream: .dailyLimit,
            meaning: "The mailbox has used up what it may send in a day.",
            advice: "Wait until tomorrow, or spread the mail over mailboxes.",
            example: "550 5.4.5 Gmail API: 403 dailyLimitExceeded: Daily Limit Exceeded",
            counterexamples: ["550 5.4.5 Daily user sending limit exceeded"]),
        ReplyRule(
            "gmail-api.rate", .gmail, "451 4.7.1", "gmail api: #", .rateLimit, .nobody, .backoff,
            meaning: "The Gmail API takes fewer calls than come.", advice: "Nothing: Postern slows down.",
            example: "451 4.7.1 Gmail API: 429 userRateLimitExceeded: User-rate limit exceeded.",
            counterexamples: ["451 4.3.0 Gmail API: 503 backendError"]),
        ReplyRule(
            "gmail-api.size", .gmail, "552 5.3.4", "gmail api: #", .tooLarge, .sender, .afterFix,
            meaning: "The message is larger than the Gmail API takes.", advice: "Make it smaller; Gmail takes 25 MB over SMTP.",
            example: "552 5.3.4 Gmail API: 413 uploadTooLarge: Request is too large.",
            counterexamples: ["552 5.3.4 Message too big"]),
        ReplyRule(
            "gmail-api.content", .gmail, "554 5.6.0", "gmail api: #", .messageFormat, .sender, .afterFix,
            meaning: "The Gmail API does not take the message: its form or an address in its header is wrong.",
            advice: "The trace has the API's words; correct the sending program, or send it by a route over SMTP.",
            example: "554 5.6.0 Gmail API: 400 invalidArgument: Invalid To header",
            counterexamples: ["554 5.6.0 Message rejected"]),
    ]
}
