package import MailModel

/// The table of replies, and the one way to look into it.
package enum ReplyRules {
    /// In the order in which they are tried.
    package static let all: [ReplyRule] =
        providerAPIs + exchangeAccount + exchangeSignIn + exchangeTransport + exchangeRecipients + exchangeReceiving + outlook + gmailForNow
        + gmailForGood + yahoo + icloud + filters + operators + generic
}

extension ReplyMeaning {
    /// What a reply means; nil where no rule knows it. `hint`: whose host said it, so that its rules come first.
    package static func of(_ reply: SMTPReply, hint: ReplyProvider? = nil) -> ReplyMeaning? {
        of(text: reply.description, hint: hint)
    }

    /// The same for text that a person found somewhere: with or without codes, on one or more lines, quoted by another host (`->`).
    package static func of(text: String, hint: ReplyProvider? = nil) -> ReplyMeaning? {
        for (reply, isQuoted) in ReplyText.readings(of: text) {
            let preferred = hint.flatMap { hint in ReplyRules.all.first { $0.provider == hint && $0.matches(reply) } }
            if let rule = preferred ?? ReplyRules.all.first(where: { $0.matches(reply) }) {
                return rule.meaning(of: reply, isQuoted: isQuoted)
            }
        }
        return nil
    }
}
