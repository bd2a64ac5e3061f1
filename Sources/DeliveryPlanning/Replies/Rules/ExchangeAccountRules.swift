import OutboundPolicy

// What Microsoft 365 says to its customers about accounts, connectors and their limits.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Restrictions and limits.
    static let exchangeAccount: [ReplyRule] = [
        ReplyRule(
            "exchange-online.5.1.8-as-42004", .exchangeOnline, "550 5.1.8", "access denied, bad outbound sender…as(42004)",
            .senderRestricted, .senderAdministrator, .no, upstream: .restricted,
            meaning: """
                Microsoft 365 no longer lets this sender send: an hourly or daily limit on recipients was passed (the meaning of the \
                number behind AS is known from reports only).
                """,
            advice: """
                Stop whatever sends so much, make sure that the account was not stolen, then release it on the Restricted entities page. \
                A higher limit alone releases nobody.
                """,
            example: "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]",
            counterexamples: ["550 5.1.8 Access denied, bad outbound sender. AS(45007)"]),
        ReplyRule(
            "exchange-online.5.1.8-as-45007", .exchangeOnline, "550 5.1.8", "access denied, bad outbound sender…as(45007)",
            .senderRestricted, .senderAdministrator, .no, upstream: .restricted,
            meaning: """
                Microsoft 365 no longer lets this sender send: its mail looked like bulk mail or spam (the meaning of the number behind \
                AS is known from one notice only).
                """,
            advice: """
                Secure the account, stop the identical messages, release it on the Restricted entities page, and send campaigns another \
                way.
                """,
            example: "550 5.1.8 Access denied, bad outbound sender. AS(45007)",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.1.8", .exchangeOnline, "550 5.1.8", "access denied, bad outbound sender",
            .senderRestricted, .senderAdministrator, .no, upstream: .restricted,
            meaning: "Microsoft 365 has put this sender on its list of restricted senders, for spam or for passed limits.",
            advice: """
                Set a new password, turn on multi-factor authentication, remove foreign inbox rules, then release the sender on the \
                Restricted entities page. It may take an hour, a day at most, until it can send.
                """,
            example: "550 5.1.8 Access denied, bad outbound sender",
            counterexamples: ["550 5.1.8 <anna@example.invalid>: Sender address rejected: Domain not found"]),
        ReplyRule(
            "exchange-online.5.1.8-report", .exchangeOnline, "(5.1.8)", "suspected of sending spam and it?s no longer allowed to send",
            .senderRestricted, .senderAdministrator, .no, upstream: .restricted,
            meaning: "The report to a restricted sender, in its words for people.",
            advice: "As for 5.1.8: secure the account and have an administrator release it on the Restricted entities page.",
            example: """
                Your message couldn't be delivered because you weren't recognized as a valid sender. Your email address is suspected of \
                sending spam and it's no longer allowed to send email outside of your organization.
                """,
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.711", .exchangeOnline, "550 5.7.711", "access denied, bad inbound connector",
            .connectorRestricted, .senderAdministrator, .no, upstream: .restricted,
            meaning: """
                Microsoft 365 has restricted the connector through which this server hands mail over, since suspicious mail came through \
                it.
                """,
            advice: """
                Find the abused server or the connector that was changed, mend it, then release the connector on the Restricted entities \
                page; it takes up to an hour.
                """,
            example: "550;5.7.711 Access denied, bad inbound connector. AS(2204)",
            counterexamples: ["550 5.7.705 Access denied, tenant has exceeded threshold"]),
        ReplyRule(
            "exchange-online.5.7.705", .exchangeOnline, "550 5.7.705", "access denied, tenant has exceeded threshold",
            .organisationBlocked, .providerSupport, .no, upstream: .blocked,
            meaning: """
                Nobody of this Microsoft 365 organisation may send: too much spam or bulk mail, a stolen server or account, or a \
                subscription that had lapsed.
                """,
            advice: """
                Clean up every abused sender and open relay, then open a case with Microsoft's support. After a renewed subscription it \
                takes up to a day.
                """,
            example: "550 5.7.705 Access denied, tenant has exceeded threshold",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.708", .exchangeOnline, "550 5.7.708",
            "{access denied|service unavailable}…traffic not accepted from this ip",
            .organisationBlocked, .providerSupport, .no, upstream: .blocked,
            meaning: """
                Microsoft 365 takes no mail from this source, whose reputation is too low; it happens to new and trial organisations \
                above all.
                """,
            advice: "Turn the trial into a paid subscription, or ask Microsoft's support for an exception.",
            example: "550 5.7.708 Access denied, traffic not accepted from this IP. AS(7230)",
            counterexamples: ["550 5.7.60 SMTP; Client does not have permissions to send as this sender"]),
        ReplyRule(
            "exchange-online.5.7.750", .exchangeOnline, "550 5.7.750",
            "service unavailable. client blocked from sending from unregistered domains",
            .organisationBlocked, .senderAdministrator, .afterFix, upstream: .blocked,
            meaning: "This organisation hands over mail whose sender domains are not among its accepted domains.",
            advice: """
                Register and verify every sender domain, use a connector with a certificate, then ask Microsoft's support to lift the \
                block.
                """,
            example: "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains.",
            counterexamples: [
                "Your message couldn't be delivered because you weren't recognized as a valid sender. Your email address is suspected of sending spam and it's no longer allowed to send email outside of your organization."
            ]),
        ReplyRule(
            "exchange-online.5.7.700-749", .exchangeOnline, "5.7.700-749", "access denied",
            .organisationBlocked, .providerSupport, .no, upstream: .blocked,
            meaning: "Microsoft 365 refuses mail of this organisation.",
            advice: "Find and mend the cause, then turn to Microsoft's support.",
            example: "550 5.7.734 Access denied",
            counterexamples: ["550 5.7.64 Tenantattribution; relay access denied"]),
        ReplyRule(
            "exchange-online.5.7.501", .exchangeOnline, "550 5.7.501", "access denied, spam abuse detected",
            .senderRestricted, .providerSupport, .no, upstream: .restricted,
            meaning: "The sending account is banned for spam.",
            advice: "Secure the account, and ask Microsoft's support to restore it.",
            example: "550 5.7.501 Access denied, spam abuse detected",
            counterexamples: [
                "550 5.1.8 Access denied, bad outbound sender. AS(42004) [BN8NAM12FT014.eop-nam12.prod.protection.outlook.com]"
            ]),
        ReplyRule(
            "exchange-online.5.7.502-503", .exchangeOnline, "550 5.7.502-503", "access denied, banned sender",
            .senderRestricted, .providerSupport, .no, upstream: .restricted,
            meaning: "The sending account is banned for spam.",
            advice: "Secure the account, and ask Microsoft's support to restore it.",
            example: "550 5.7.502 Access denied, banned sender",
            counterexamples: ["550 5.1.8 Access denied, bad outbound sender"]),
        ReplyRule(
            "exchange-online.5.7.703", .exchangeOnline, "550 5.7.703",
            "{blocked by your organization using tenant allow block list|tenant recipient block policy}",
            .policy, .senderAdministrator, .afterFix,
            meaning: "A recipient stands on the organisation's own block list; the message is refused for all of its recipients.",
            advice: "Take the entry off the Tenant Allow/Block List, or send again without that recipient.",
            example: """
                550 5.7.703 Your message can't be delivered because messages to anna@example.net are blocked by your organization using \
                Tenant Allow Block List.
                """,
            counterexamples: [
                "550 5.7.520 Access denied, Your organization does not allow external forwarding. Please contact your administrator for further assistance. AS(7555)"
            ]),
        ReplyRule(
            "exchange-online.5.7.520", .exchangeOnline, "550 5.7.520",
            "access denied, your organization does not allow external forwarding",
            .policy, .senderAdministrator, .afterFix,
            meaning: "Automatic forwarding to other organisations is switched off in the outbound policy.",
            advice: "Remove the forwarding, or allow it for that user in a policy of its own.",
            example: """
                550 5.7.520 Access denied, Your organization does not allow external forwarding. Please contact your administrator for \
                further assistance. AS(7555)
                """,
            counterexamples: [
                "550 5.7.703 Your message can't be delivered because messages to anna@example.net are blocked by your organization using Tenant Allow Block List."
            ]),
        ReplyRule(
            "exchange-online.5.1.90", .exchangeOnline, "550 5.1.90", "reached your daily limit for message recipients",
            .dailyLimit, .sender, .wait, upstream: .dailyLimit,
            meaning: "The mailbox has sent to as many recipients as it may in 24 hours (10,000).",
            advice: """
                Wait until earlier mail falls out of the 24 hours. Use groups, or a service for bulk mail; check whether the account was \
                stolen.
                """,
            example: "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            counterexamples: [
                "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
        ReplyRule(
            "exchange-online.5.2.0-submission-quota", .exchangeOnline, "554 (5.2.0)",
            "submissionquotaexceededexception…submission quota was exceeded",
            .dailyLimit, .sender, .wait, upstream: .dailyLimit,
            meaning: "The mailbox has sent to as many recipients as it may in 24 hours; so it reads on SMTP submission.",
            advice: "Wait until earlier mail falls out of the 24 hours, and spread the load.",
            example: """
                554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent \
                exception with message The message can't be submitted because the sender's submission quota was exceeded.
                """,
            counterexamples: [
                "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception"
            ]),
        ReplyRule(
            "exchange-online.submission-quota", .exchangeOnline, "",
            "the message can?t be submitted because the sender?s submission quota was exceeded",
            .dailyLimit, .sender, .wait, upstream: .dailyLimit,
            meaning: "The mailbox has sent to as many recipients as it may in 24 hours.",
            advice: "Wait until earlier mail falls out of the 24 hours.",
            example: "The message can't be submitted because the sender's submission quota was exceeded.",
            counterexamples: ["5.2.2 Submission quota exceeded"]),
        ReplyRule(
            "exchange-online.5.2.2-submission-quota-exceeded", .exchangeOnline, "5.2.2", "submission quota exceeded",
            .dailyLimit, .sender, .wait, upstream: .dailyLimit,
            meaning: "The mailbox has sent more recipients or messages than it may.",
            advice: "Wait for the window to pass, send less, and check whether the account was stolen.",
            example: "5.2.2 Submission quota exceeded",
            counterexamples: [
                "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; Failed to process message"
            ]),
        ReplyRule(
            "exchange-online.5.7.233", .exchangeOnline, "550 5.7.233",
            "your message can't be sent because your tenant {|has }exceeded its daily limit for sending {email|mail} to external recipients",
            .dailyLimit, .senderAdministrator, .wait, upstream: .dailyLimit,
            meaning: "The organisation has used up its daily number of external recipients.",
            advice: """
                External mail of every user waits until the last 24 hours are below the quota: find who sends so much, buy licences, or \
                send bulk mail another way.
                """,
            example: """
                550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external \
                recipients (tenant external recipient rate limit)
                """,
            counterexamples: [
                "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
        ReplyRule(
            "exchange-online.5.7.232", .exchangeOnline, "550 5.7.232",
            "your message can't be sent because your trial tenant {|has }exceeded its daily limit for sending {email|mail} to external recipients",
            .dailyLimit, .senderAdministrator, .wait, upstream: .dailyLimit,
            meaning: "The trial organisation has used up its daily number of external recipients (5,000).",
            advice: "Wait, or buy licences.",
            example: """
                550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to \
                external recipients (tenant external recipient rate limit)
                """,
            counterexamples: [
                "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
        ReplyRule(
            "exchange-online.5.7.236", .exchangeOnline, "550 5.7.236",
            "your message can't be sent because your tenant {|has }exceeded its daily limit …onmicrosoft.com domains",
            .dailyLimit, .senderAdministrator, .afterFix, upstream: .dailyLimit,
            meaning: "More than 100 external recipients in 24 hours got mail from onmicrosoft.com addresses.",
            advice: "Make an address in a domain of your own the primary one.",
            example: """
                550 5.7.236 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external \
                recipients from your tenant's onmicrosoft.com domains
                """,
            counterexamples: [
                "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
        ReplyRule(
            "exchange-online.5.2.121", .exchangeOnline, "554 5.2.121",
            "{recipient's per hour message receive limit from specific sender exceeded|sender has exceeded the limit for the number of messages}",
            .recipientRate, .sender, .wait,
            meaning: "One sender has used up its share of what a mailbox takes in an hour.",
            advice: "Send more slowly to that mailbox; try again in the next hour.",
            example: "554 5.2.121 The sender has exceeded the limit for the number of messages they can send to this recipient per hour.",
            counterexamples: ["554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour."]),
        ReplyRule(
            "exchange-online.5.2.122", .exchangeOnline, "554 5.2.122",
            "{recipient's per hour message receive limit exceeded|recipient has exceeded their limit}",
            .recipientRate, .sender, .wait,
            meaning: "The mailbox got more than 3,600 messages in an hour.",
            advice: "Try again in the next hour, and stop floods of alerts.",
            example: "554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour.",
            counterexamples: [
                "554 5.2.121 The sender has exceeded the limit for the number of messages they can send to this recipient per hour."
            ]),
        ReplyRule(
            "exchange-online-inbound.4.5.3", .exchangeOnlineInbound, "452 4.5.3", "^too many recipients",
            .tooManyRecipients, .gatewayOperator, .backoff,
            meaning: "More than 200 envelope recipients of one domain in one transaction.",
            advice: "Split into chunks of at most 200 per domain and continue.",
            example: "452 4.5.3 Too many recipients",
            counterexamples: ["452 4.5.3 Your message has too many recipients"]),
        ReplyRule(
            "exchange-online-inbound.4.7.3", .exchangeOnlineInbound, "450 4.7.3", "organization queue quota exceeded",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "Tenant inbound queue is full.",
            advice: "Slow down; the recipient organisation must fix its mail flow.",
            example: "450 4.7.3 Organization queue quota exceeded",
            counterexamples: ["550 5.7.12 Sender was not authenticated by organization"]),
        ReplyRule(
            "exchange-online-inbound.4.7.230", .exchangeOnlineInbound, "450 4.7.230",
            "connecting exchange server version is out-of-date; connection to exchange online throttled for # mins/hr",
            .rateLimit, .gatewayOperator, .backoff,
            meaning: "The Exchange server that connects is out of date, and Exchange Online slows it.",
            advice: "Update the server. Enforcement can be put off for up to 90 days a year.",
            example: """
                450 4.7.230 Connecting exchange server version is out-of-date; connection to exchange online throttled for 12 mins/hr
                """,
            counterexamples: [
                "550 5.7.230 Connecting exchange server version is out-of-date; connection to exchange online blocked for 12 mins/hr"
            ]),
        ReplyRule(
            "exchange-online-inbound.5.7.230", .exchangeOnlineInbound, "550 5.7.230",
            "connecting exchange server version is out-of-date; connection to exchange online blocked for # mins/hr",
            .rateLimit, .gatewayOperator, .afterFix,
            meaning: "The Exchange server that connects is out of date, and Exchange Online refuses it for part of each hour.",
            advice: "Update the server.",
            example: """
                550 5.7.230 Connecting exchange server version is out-of-date; connection to exchange online blocked for 12 mins/hr
                """,
            counterexamples: [
                "450 4.7.230 Connecting exchange server version is out-of-date; connection to exchange online throttled for 12 mins/hr"
            ]),
        ReplyRule(
            "exchange-online.4.3.2-connections", .exchangeOnline, "432 4.3.2", "concurrent connections limit exceeded",
            .connectionLimit, .sender, .backoff, upstream: .tooManyConnections,
            meaning: "More than three connections submit for one mailbox at a time.",
            advice: "Use at most three connections for a mailbox, and try again a little later.",
            example: """
                432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. \
                [Hostname=DB9PR01MB0001.prod.exchangelabs.com]
                """,
            counterexamples: ["421 4.3.2 The maximum number of concurrent connections for this source has exceeded a limit"]),
        ReplyRule(
            "exchange-online.4.3.2-sender-threads", .exchangeOnline, "432 4.3.2", "storedrv.clientsubmit; sender thread limit exceeded",
            .connectionLimit, .sender, .backoff, upstream: .tooManyConnections,
            meaning: "More than three connections submit for one mailbox at a time (older words).",
            advice: "Use at most three connections for a mailbox, and try again a little later.",
            example: "432 4.3.2 Storedrv.clientsubmit; sender thread limit exceeded",
            counterexamples: ["432 4.3.2 Storedrv.deliver; recipient thread limit exceeded"]),
    ]
}
