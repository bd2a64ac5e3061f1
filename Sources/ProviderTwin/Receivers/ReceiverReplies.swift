import MailModel

/// The texts of receivers. Those of Gmail, Outlook.com and Yahoo follow their help pages and the samples of bounce parsers; where only a
/// pattern is known, the rest is made in its manner.
struct ReceiverReplies: Sendable {
    let provider: ReceiverProvider

    private func reply(_ code: Int, _ subject: Int, _ detail: Int, _ text: String) -> SMTPReply {
        SMTPReply(code, EnhancedStatusCode(code / 100, subject, detail), text)
    }

    func unknown(_ address: EmailAddress) -> SMTPReply {
        switch provider {
        case .gmail:
            reply(
                550, 1, 1,
                "The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for "
                    + "typos or unnecessary spaces.")
        case .outlook: reply(550, 5, 0, "Requested action not taken: mailbox unavailable")
        case .yahoo: SMTPReply(554, nil, "delivery error: dd This user doesn't have a \(address.host) account (\(address)) [0]")
        case .apple: reply(550, 1, 1, "<\(address)>: user does not exist")
        case .postfix: reply(550, 1, 1, "<\(address)>: Recipient address rejected: User unknown in local recipient table")
        }
    }

    func full(_ address: EmailAddress) -> SMTPReply {
        switch provider {
        case .gmail: reply(452, 2, 2, "The recipient's inbox is out of storage space.")
        case .outlook: reply(554, 2, 2, "mailbox full")
        case .yahoo: SMTPReply(552, nil, "1 Requested mail action aborted, mailbox over quota")
        case .apple: reply(552, 2, 2, "<\(address)>: user is over quota")
        case .postfix: reply(452, 2, 2, "<\(address)>: Recipient address rejected: Mailbox full")
        }
    }

    func tooMuch(_ address: IPAddress, _ recipient: EmailAddress?) -> SMTPReply {
        switch provider {
        case .gmail:
            reply(
                421, 7, 28,
                "Gmail has detected an unusual rate of unsolicited mail originating from your IP address \(address). To protect our users "
                    + "from spam, mail sent from your IP address has been temporarily rate limited.")
        case .outlook:
            reply(
                451, 7, 650,
                "The mail server [\(address)] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see "
                    + "https://postmaster.live.com (S775)")
        case .yahoo:
            reply(
                421, 7, 0,
                "[TSS04] Messages from \(address) temporarily deferred due to unexpected volume or user complaints; see "
                    + "https://postmaster.yahooinc.com/error-codes")
        case .apple:
            reply(421, 7, 1, "Messages to \(recipient.map { "\($0)" } ?? "you") deferred due to excessive volume. Try again later")
        case .postfix: reply(450, 7, 1, "Error: too much mail from \(address)")
        }
    }

    var connectionUsedUp: SMTPReply {
        provider == .yahoo
            ? SMTPReply(421, nil, "Max message per connection reached, closing transmission channel")
            : reply(421, 7, 0, "Too many messages on this connection; connect again")
    }

    func tooManyConnections(_ address: IPAddress) -> SMTPReply {
        switch provider {
        case .outlook: reply(421, 3, 2, "The maximum number of concurrent connections has exceeded a limit, closing transmission channel")
        case .postfix: reply(421, 7, 0, "Error: too many connections from \(address)")
        case .gmail, .yahoo, .apple: reply(421, 7, 0, "Too many connections from \(address); try again later")
        }
    }

    func unauthenticated(_ domain: String) -> SMTPReply {
        switch provider {
        case .gmail:
            reply(
                550, 7, 26,
                "This mail is unauthenticated, which poses a security risk to the sender and Gmail users, and has been blocked. The sender "
                    + "must authenticate with at least one of SPF or DKIM.")
        case .outlook: reply(550, 7, 515, "Access denied, sending domain \(domain) does not meet the required authentication level.")
        case .yahoo: reply(554, 7, 9, "Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes")
        case .apple: reply(554, 7, 1, "[HME1] This message was blocked for failing both SPF and DKIM authentication checks.")
        case .postfix: reply(550, 7, 23, "The message was rejected because of Sender Policy Framework violation")
        }
    }

    /// The domain's DMARC policy is `reject`.
    func policyRefused(_ domain: String) -> SMTPReply {
        switch provider {
        case .gmail:
            reply(
                550, 7, 26,
                "Unauthenticated email from \(domain) is not accepted due to domain's DMARC policy. Please contact the administrator of "
                    + "\(domain) domain if this was a legitimate mail.")
        case .outlook:
            reply(550, 7, 509, "Access denied, sending domain \(domain) does not pass DMARC verification and has a DMARC policy of reject.")
        case .apple: reply(550, 7, 1, "Your message was rejected due to \(domain)'s DMARC policy.")
        case .yahoo, .postfix: unauthenticated(domain)
        }
    }

    /// A bulk sender whose mail does not meet all that is asked of bulk.
    func bulkDemands(_ domain: String, _ facts: ReceiverAuthentication) -> SMTPReply {
        switch provider {
        case .gmail where !facts.dmarc:
            reply(
                421, 7, 32,
                "Your email has been rate limited because the From: header (RFC5322) in this message isn't aligned with either the "
                    + "authenticated SPF or DKIM organizational domain.")
        case .outlook:
            reply(
                550, 7, 515,
                "Access denied, sending domain \(domain) does not meet the required authentication level. Spf= \(word(facts.spf)) , "
                    + "Dkim= \(word(facts.dkim)) , DMARC= \(word(facts.dmarc))")
        case .gmail, .yahoo, .apple, .postfix: unauthenticated(domain)
        }
    }

    private func word(_ isPassed: Bool) -> String { isPassed ? "Pass" : "Fail" }

    static let greylisted = SMTPReply(450, EnhancedStatusCode(4, 2, 0), "Recipient address rejected: Greylisted, try again later")

    func spam() -> SMTPReply {
        switch provider {
        case .gmail:
            reply(
                550, 7, 1,
                "Gmail has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has "
                    + "been blocked.")
        case .outlook: SMTPReply(550, nil, "SC-001 Mail rejected by Outlook.com for policy reasons.")
        case .yahoo: SMTPReply(554, nil, "[PH01] Email not accepted for policy reasons")
        case .apple: reply(550, 7, 1, "[CS01] Message rejected due to local policy.")
        case .postfix: reply(550, 7, 1, "Message rejected as spam")
        }
    }

    func accepted(_ id: String) -> SMTPReply {
        switch provider {
        case .gmail: reply(250, 0, 0, "OK  \(id) - gsmtp")
        case .outlook: reply(250, 6, 0, "<\(id)@outlook> Queued mail for delivery")
        case .yahoo: SMTPReply(250, nil, "ok dirdel")
        case .apple, .postfix: reply(250, 0, 0, "Ok: queued as \(id)")
        }
    }
}
