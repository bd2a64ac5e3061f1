import OutboundPolicy

// What Microsoft 365 says to its customers about sign-in, rights and repeated errors.
//
// The words of providers are matched without case. What each says is told here in our own words.
extension ReplyRules {
    /// Sign-in, Send As, throttling.
    static let exchangeSignIn: [ReplyRule] = [
        ReplyRule(
            "exchange-online.5.7.139-tenant", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, smtpclientauthentication is disabled for the tenant",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "Signing in by SMTP is switched off for the whole organisation.",
            advice: """
                Switch SMTP AUTH on for this one mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false), or use OAuth or a \
                relay connector.
                """,
            example: """
                535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit \
                https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z \
                08DE0000]
                """,
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information."
            ]),
        ReplyRule(
            "exchange-online.5.7.139-mailbox", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, smtpclientauthentication is disabled for the mailbox",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "Signing in by SMTP is switched off for this mailbox.",
            advice: "Set-CASMailbox -SmtpClientAuthenticationDisabled $false for this mailbox.",
            example: """
                535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit \
                https://aka.ms/smtp_auth_disabled for more information.
                """,
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139-credentials", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, the user credentials were incorrect",
            .signIn, .sender, .afterFix, upstream: .signIn,
            meaning: "The password is wrong, or multi-factor authentication or a policy stops sign-in by password.",
            advice: "Set the right password, or move to OAuth.",
            example: "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139-basic-authentication", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, basic authentication is disabled",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "An authentication policy stops sign-in by password.",
            advice: "Use OAuth, or change the authentication policy of this account.",
            example: "535 5.7.139 Authentication unsuccessful, basic authentication is disabled",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139-conditional-access", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, the request did not meet the criteria to be authenticated successfully",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "Conditional Access or the security defaults refused the sign-in.",
            advice: "Read the sign-in log; exempt this account from the policy, or use OAuth.",
            example: "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139-security-defaults", .exchangeOnline, "535 5.7.139",
            "authentication unsuccessful, user is locked by your organization's security defaults policy",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "The security defaults stop sign-in by password (the words are not verified).",
            advice: "Use OAuth, or replace the security defaults by Conditional Access policies.",
            example: "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139-federation", .exchangeOnline, "535 5.7.139", "authentication unsuccessful, the federated sts",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "The organisation's federation server could not be reached, or does not speak HTTPS.",
            advice: "Repair the federation service; an account that the cloud manages does not need it.",
            example: "535 5.7.139 Authentication unsuccessful, the federated STS service was unreachable.",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.139", .exchangeOnline, "535 5.7.139", "authentication unsuccessful",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "Microsoft 365 refuses the sign-in for a reason that is not among those known here.",
            advice: "Read the words of the reply and the sign-in log of the account.",
            example: "535 5.7.139 Authentication unsuccessful, a new reason. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]",
            counterexamples: ["535 5.7.3 Authentication unsuccessful"]),
        ReplyRule(
            "exchange-online.5.7.3", .exchangeOnline, "535 5.7.3", "authentication unsuccessful",
            .signIn, .sender, .afterFix, upstream: .signIn,
            meaning: "Sign-in failed: a wrong secret, a blocked sign-in or a bad token.",
            advice: "Check the user name, the secret, the token's scope and the rights on the mailbox.",
            example: "535 5.7.3 Authentication unsuccessful",
            counterexamples: [
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-11-20T09:00:00.000Z 08DE0000]"
            ]),
        ReplyRule(
            "exchange-online.5.7.57", .exchangeOnline, "530 5.7.57", "client {|was }not authenticated to send",
            .signIn, .sender, .afterFix, upstream: .signIn,
            meaning: "The host wants a sign-in before it takes mail.",
            advice: "Turn on TLS and sign-in for this route, on port 587.",
            example: "530 5.7.57 Client not authenticated to send mail. [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]",
            counterexamples: ["550 5.7.60 SMTP; Client does not have permissions to send as this sender"]),
        ReplyRule(
            "exchange-online.5.7.30", .exchangeOnline, "550 5.7.30", "basic authentication is not supported for client submission",
            .signIn, .senderAdministrator, .afterFix, upstream: .signIn,
            meaning: "Microsoft has ended sign-in by password for submission.",
            advice: "Move to OAuth, or to High Volume Email, Azure Communication Services or a relay connector.",
            example: "550 5.7.30 Basic authentication is not supported for client submission",
            counterexamples: ["550 5.7.30 Your email has been blocked because DKIM authentication didn't pass for this message"]),
        ReplyRule(
            "exchange-online.5.7.60", .exchangeOnline, "550 5.7.60", "client does not have permissions to send as this sender",
            .sendAs, .senderAdministrator, .afterFix,
            meaning: "The account that signed in may not use this sender address.",
            advice: "Grant Send As on that address, or change From.",
            example: "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            counterexamples: ["550 5.2.252 Sender throttled due to continuous send as denied errors"]),
        ReplyRule(
            "exchange-online.5.2.252-send-as", .exchangeOnline, "554 5.2.252", "sendasdenied;",
            .sendAs, .senderAdministrator, .afterFix,
            meaning: "The account that signed in may not use this sender address. This is one refusal, not the throttle, which is 550.",
            advice: "Grant Send As on that address, or change From. Whoever goes on is throttled with 550 5.2.252.",
            example: """
                554 5.2.252 SendAsDenied; scanner@example.org not allowed to send as info@example.org; \
                STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a \
                permanent exception
                """,
            counterexamples: ["550 5.2.252 Sender throttled due to continuous send as denied errors."]),
        ReplyRule(
            "exchange-online.5.2.0-send-as-denied", .exchangeOnline, "554 (5.2.0)", "sendasdeniedexception.mapiexceptionsendasdenied",
            .sendAs, .senderAdministrator, .afterFix,
            meaning: "The account that signed in may not use this sender address (older code).",
            advice: "Grant Send As on that address, or change From.",
            example: """
                554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due \
                to a permanent exception
                """,
            counterexamples: [
                "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception with message The message can't be submitted because the sender's submission quota was exceeded."
            ]),
        ReplyRule(
            "exchange-online.5.2.2-mailbox-full-storedrv", .exchangeOnline, "554 (5.2.2)",
            "mailbox full; storedrv.submission.exception:quotaexceededexception",
            .senderMailboxFull, .senderAdministrator, .afterFix, upstream: .mailboxFull,
            meaning: "The mailbox that sends is full, and so it may not send.",
            advice: "Empty or enlarge the mailbox as which this route signs in.",
            example: """
                554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; Failed \
                to process message
                """,
            counterexamples: ["5.2.2 Submission quota exceeded"]),
        ReplyRule(
            "exchange-online.5.2.251", .exchangeOnline, "550 5.2.251", "sender throttled due to continuous mailbox full errors",
            .errorThrottle, .senderAdministrator, .wait, upstream: .errorThrottle,
            meaning: "The mailbox is throttled on SMTP submission, since it went on although it is full.",
            advice: "Empty the mailbox, stop the client, and wait, or use another mailbox.",
            example: "550 5.2.251 Sender throttled due to continuous mailbox full errors",
            counterexamples: ["550 5.2.252 Sender throttled due to continuous send as denied errors"]),
        ReplyRule(
            "exchange-online.5.2.252-throttled", .exchangeOnline, "550 5.2.252", "sender throttled due to continuous send as denied errors",
            .errorThrottle, .senderAdministrator, .wait, upstream: .errorThrottle,
            meaning: "The mailbox is throttled on SMTP submission, since it went on with sender addresses that it may not use.",
            advice: "Grant Send As or change From, stop the client, and wait, or use another mailbox.",
            example: "550 5.2.252 Sender throttled due to continuous send as denied errors",
            counterexamples: ["554 5.2.252 SendAsDenied; scanner@example.org not allowed to send as info@example.org"]),
        ReplyRule(
            "exchange-online.5.2.253", .exchangeOnline, "550 5.2.253", "sender throttled due to continuous invalid license errors",
            .errorThrottle, .senderAdministrator, .wait, upstream: .errorThrottle,
            meaning: "The mailbox is throttled on SMTP submission, since it went on without a valid licence.",
            advice: "Assign a licence, and wait, or use another mailbox.",
            example: "550 5.2.253 Sender throttled due to continuous invalid license errors",
            counterexamples: ["550 5.2.255 Sender throttled due to continuous invalid recipients errors"]),
        ReplyRule(
            "exchange-online.5.2.254", .exchangeOnline, "550 5.2.254", "sender throttled due to continuous too many recipients errors",
            .errorThrottle, .sender, .wait, upstream: .errorThrottle,
            meaning: "The mailbox is throttled on SMTP submission, since it went on with too many recipients in a message.",
            advice: "Split the messages, and wait, or use another mailbox.",
            example: "550 5.2.254 Sender throttled due to continuous too many recipients errors",
            counterexamples: ["550 5.2.255 Sender throttled due to continuous invalid recipients errors"]),
        ReplyRule(
            "exchange-online.5.2.255", .exchangeOnline, "550 5.2.255", "sender throttled due to continuous invalid recipients errors",
            .errorThrottle, .sender, .wait, upstream: .errorThrottle,
            meaning: "The mailbox is throttled on SMTP submission, since it went on with recipients that are not valid.",
            advice: "Clean the list of addresses, and wait, or use another mailbox.",
            example: "550 5.2.255 Sender throttled due to continuous invalid recipients errors",
            counterexamples: ["550 5.2.253 Sender throttled due to continuous invalid license errors"]),
        ReplyRule(
            "exchange-online.5.7.68", .exchangeOnline, "550 5.7.68", "tenantinboundattribution; direct send not allowed",
            .relaying, .senderAdministrator, .afterFix,
            meaning: "The organisation takes no unauthenticated mail that claims to be its own, and this source matches no connector.",
            advice: "Make a connector for this IP address or certificate, or sign in.",
            example: "550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources",
            counterexamples: [
                "Your message couldn't be delivered because you weren't recognized as a valid sender. Your email address is suspected of sending spam and it's no longer allowed to send email outside of your organization."
            ]),
        ReplyRule(
            "exchange-online.5.7.64", .exchangeOnline, "550 5.7.64", "tenantattribution; relay access denied",
            .relaying, .senderAdministrator, .afterFix,
            meaning: "No relay connector fits this source's address, certificate or sender domain.",
            advice: "Correct the inbound connector in Exchange Online.",
            example: "550 5.7.64 Tenantattribution; relay access denied",
            counterexamples: ["550 5.7.734 Access denied"]),
        ReplyRule(
            "exchange-online.4.4.62", .exchangeOnline, "4.4.62", "mail sent to the wrong office 365 region",
            .routing, .gatewayOperator, .afterFix,
            meaning: "Mail sent to the wrong region endpoint.",
            advice: "Look up the MX record again and use that host.",
            example: "4.4.62 Mail sent to the wrong office 365 region",
            counterexamples: [
                "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit)"
            ]),
    ]
}
