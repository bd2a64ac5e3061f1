/// One thing that came back about one recipient, from whichever source: what a refusal at the time of delivery, a delivery report, a complaint or a
/// provider's webhook says, in one form.
package struct ReturnedReport: Hashable, Sendable, Codable {
    /// What kind of message it came in.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case bounce
        case complaint
        case autoReply = "auto-reply"
        /// Neither: a report of success, or mail of a person.
        case other
    }

    /// By which way it came.
    package enum Source: String, Hashable, Sendable, Codable, CaseIterable {
        /// A refusal in the SMTP dialogue of the attempt.
        case dialogue
        /// A message that the reports listener took.
        case listener
        /// A message in a mailbox that is polled.
        case mailbox
        case ses, sendgrid, mailgun, postmark
        /// A person, or a file given to a command.
        case manual
    }

    /// Whether it may change anything.
    package enum Authenticity: Hashable, Sendable, Codable {
        /// By what it is known to be true: `return-path`, `dkim=arf.mail.yahoo.com`, `signature`.
        case proven(by: String)
        /// Counted and shown only; why it is not believed.
        case unproven(String)

        package var isProven: Bool {
            if case .proven = self { true } else { false }
        }
    }

    /// The action of RFC 3464 §2.3.3.
    package enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        case failed, delayed, delivered, relayed, expanded
    }

    package var source: Source
    package var kind: Kind
    /// As the report gives it, or as we know it by the token; nil where neither says so (complaints are often redacted).
    package var recipient: EmailAddress?
    /// Nil where there is none, as in complaints.
    package var action: Action?
    package var status: EnhancedStatusCode?
    /// 200…599.
    package var replyCode: Int?
    package var bounceClass: BounceClass
    /// The other side's words, one line, at most `diagnosticCharactersMax` characters; empty where there are none.
    package var diagnostic: String
    /// Which recipient of which message it is about, by a token that only we can make; nil where there is none.
    package var token: RecipientID?
    /// The Message-ID of the mail that it is about, without brackets; nil where it is not known.
    package var messageID: String?
    /// Who reports: a host, a domain, a provider; empty where it is not known.
    package var reporter: String
    /// Of a complaint: `abuse`, `not-spam`, `opt-out` … (RFC 5965 §7.3); nil elsewhere.
    package var feedbackType: String?
    /// When it came in.
    package var at: Timestamp
    package var authenticity: Authenticity

    package static let diagnosticCharactersMax = 1_000

    package init(
        source: Source, kind: Kind, bounceClass: BounceClass, recipient: EmailAddress? = nil, action: Action? = nil,
        status: EnhancedStatusCode? = nil, replyCode: Int? = nil, diagnostic: String = "", token: RecipientID? = nil,
        messageID: String? = nil, reporter: String = "", feedbackType: String? = nil, at: Timestamp, authenticity: Authenticity
    ) {
        self.source = source
        self.kind = kind
        self.bounceClass = bounceClass
        self.recipient = recipient
        self.action = action
        self.status = status
        self.replyCode = replyCode
        self.diagnostic = String(diagnostic.prefix(ReturnedReport.diagnosticCharactersMax))
        self.token = token
        self.messageID = messageID
        self.reporter = reporter
        self.feedbackType = feedbackType
        self.at = at
        self.authenticity = authenticity
    }

    /// True for a complaint of a recipient; reports on authentication, and that a mail was no spam, come in the same form.
    package var isComplaint: Bool { kind == .complaint && feedbackType != "auth-failure" && feedbackType != "not-spam" }

    /// True where the address is not to be written to again: dead for good, and not only delayed.
    package var isHard: Bool { bounceClass.isHard && kind == .bounce && action != .delayed }
}
