import MailModel

/// The texts of Exchange Online. Where no text is published it says so; those are made in the manner of the others.
enum ExchangeReplies {
    private static let submission = "STOREDRV.Submission.Exception:"
    private static let permanent = "Failed to process message due to a permanent exception with message"

    static func reply(_ code: Int, _ subject: Int, _ detail: Int, _ text: String) -> SMTPReply {
        SMTPReply(code, EnhancedStatusCode(code / 100, subject, detail), text)
    }

    // Gate 1.

    static let notAuthenticated = "Client not authenticated to send mail."
    static let credentialsIncorrect = "Authentication unsuccessful, the user credentials were incorrect."
    static let basicAuthenticationDisabled = "Authentication unsuccessful, basic authentication is disabled."
    static let basicAuthenticationRetired = "Basic authentication is not supported for Client Submission."
    static let criteriaNotMet =
        "Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator."
    static let tokenRefused = "Authentication unsuccessful"

    static func smtpAuthenticationDisabled(for scope: String) -> String {
        "Authentication unsuccessful, SmtpClientAuthentication is disabled for the \(scope). "
            + "Visit https://aka.ms/smtp_auth_disabled for more information."
    }

    static let sendAsAtMail = reply(550, 7, 60, "SMTP; Client does not have permissions to send as this sender")

    static func sendAsDenied(_ mailbox: EmailAddress, as from: String, host: String) -> SMTPReply {
        reply(
            554, 2, 252,
            "SendAsDenied; \(mailbox) not allowed to send as \(from); \(submission)SendAsDeniedException.MapiExceptionSendAsDenied; "
                + "\(permanent) [BeginDiagnosticData]Cannot submit message. [EndDiagnosticData] [Hostname=\(host)]")
    }

    static func mailboxFull(host: String) -> SMTPReply {
        reply(
            554, 2, 2,
            "mailbox full; \(submission)QuotaExceededException.MapiExceptionShutoffQuotaExceeded; \(permanent) "
                + "[BeginDiagnosticData]Cannot submit message. [EndDiagnosticData] [Hostname=\(host)]")
    }

    /// No published text.
    static func invalidLicence(host: String) -> SMTPReply {
        reply(554, 2, 0, "\(submission)InvalidLicenseException; \(permanent) The mailbox has no valid license. [Hostname=\(host)]")
    }

    /// No published text.
    static func tooManyRecipients(limit: Int, host: String) -> SMTPReply {
        reply(
            554, 2, 0,
            "\(submission)TooManyRecipientsException; \(permanent) The message has more than \(limit) recipients. [Hostname=\(host)]")
    }

    /// No published text; the exception's name is a guess of the field.
    static func invalidRecipients(host: String) -> SMTPReply {
        reply(554, 2, 0, "\(submission)InvalidRecipientsException; \(permanent) At least one recipient is not valid. [Hostname=\(host)]")
    }

    // Gate 2.

    static func concurrency(host: String) -> SMTPReply {
        reply(
            432, 3, 2,
            "Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=\(host)]")
    }

    static func throttled(_ error: ExchangeError) -> SMTPReply {
        reply(550, 2, error.rawValue, "Sender throttled due to continuous \(error.name) errors.")
    }

    // Gates 3 to 7.

    /// The number tells mailboxes and connectors apart.
    static func restricted(_ number: Int) -> SMTPReply {
        number == ExchangeOnline.connectorNumber
            ? reply(550, 7, 711, "Access denied, bad inbound connector. AS(\(number))")
            : reply(550, 1, 8, "Access denied, bad outbound sender AS(\(number))")
    }

    static let recipientRate = reply(
        554, 2, 0,
        "\(submission)SubmissionQuotaExceededException; \(permanent) "
            + "The message can't be submitted because the sender's submission quota was exceeded.")

    /// The same limit in a report.
    static let recipientRateReport = reply(
        550, 1, 90, "Your message can't be sent because you've reached your daily limit for message recipients")

    static let tenantRate = reply(
        550, 7, 233,
        "Your message can't be sent because your tenant exceeded its daily limit for sending email to external recipients "
            + "(tenant external recipient rate limit)")
    static let trialRate = reply(
        550, 7, 232,
        "Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to external recipients "
            + "(tenant external recipient rate limit)")
    static let onmicrosoftRate = reply(
        550, 7, 236,
        "Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients from "
            + "your tenant's onmicrosoft.com domains")
    static let tenantBanned = reply(550, 7, 705, "Access denied, tenant has exceeded threshold")
    static let addressRefused = reply(550, 7, 708, "Access denied, traffic not accepted from this IP")
    static let unregistered = reply(550, 7, 750, "Service unavailable. Client blocked from sending from unregistered domains")
    /// The text of a rule is the administrator's; this is the one that stands in it where none was written.
    static let ruleRefused = reply(
        550, 7, 1, "TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy")
    static let forwarding = reply(
        550, 7, 520,
        "Access denied, Your organization does not allow external forwarding. Please contact your administrator for further assistance. "
            + "AS(7555)")
    /// The facts give the pattern of this text only.
    static let blockedRecipient = reply(
        550, 7, 703,
        "Your message can't be delivered because messages to the recipient are blocked by your organization using Tenant "
            + "Allow Block List.")

    static func unknownRecipient(_ address: EmailAddress) -> SMTPReply {
        reply(550, 1, 10, "RESOLVER.ADR.RecipientNotFound; Recipient \(address) not found by SMTP address lookup")
    }

    /// No text of an outbound verdict's report is published; this is the one of a banned sender's message.
    static let spamReturned = reply(550, 7, 501, "Access denied, spam abuse detected")

    static func accepted(id: String, host: String) -> SMTPReply { reply(250, 0, 0, "OK <\(id)@\(host)> [Hostname=\(host)]") }
}
