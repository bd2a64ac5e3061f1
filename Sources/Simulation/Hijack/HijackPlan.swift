package import MailModel
package import OutboundPolicy

/// An organisation whose people write their usual mail, and some of whose accounts a stranger comes to use.
package struct HijackPlan: Sendable {
    package var seed: UInt64 = 1
    /// Midnight of the first day.
    package var start = Timestamp(seconds: 1_795_392_000)
    package var senders = 20
    package var days = 1
    /// Accounts that the stranger uses, from ten o'clock of the last day on for eight hours.
    package var hijacked = 1
    /// Messages an hour of all these accounts together, each to one person that nobody wrote to before.
    package var spamPerHour = 600
    /// False: what is judged spam is held.
    package var hasHighRiskSource = true
    package var preset = PolicyPreset.standard
    /// Texts of usual mail, and of campaigns, in addition to our own; a campaign uses one text.
    package var usualTexts: [String] = []
    package var campaignTexts: [String] = []

    package init() {}

    package static let domain = "contoso.example"

    static func account(_ number: Int) -> EmailAddress {
        guard let address = EmailAddress("person\(number)@\(domain)") else { preconditionFailure("an address that is none") }
        return address
    }
}

/// A message that somebody submits.
package struct HijackMail: Sendable {
    package var at: Timestamp
    package var sender: EmailAddress
    package var recipients: [EmailAddress]
    package var messageID: String
    package var subject: String
    package var content: [UInt8]
    package var isSpam: Bool
}

/// What came of it.
package struct HijackReport: Codable, Hashable, Sendable {
    package struct Attack: Codable, Hashable, Sendable {
        package var account: String
        /// Messages, until the account was restricted.
        package var leftByNormal = 0
        package var leftByHighRisk = 0
        package var held = 0
        /// Afterwards.
        package var refused = 0
        /// By the normal pool after the first of its messages was judged spam; and judged spam themselves.
        package var normalAfterVerdict = 0
        package var spamByNormal = 0
        package var judgedSpam = 0
        /// Since the first message; nil where it was never restricted.
        package var restrictedAfterSeconds: Int64?
        package var rule = ""

        package var left: Int { leftByNormal + leftByHighRisk }
    }

    package var senderDays = 0
    package var usualMessages = 0
    package var usualByVerdict: [String: Int] = [:]
    /// Accounts that were restricted for their own mail, and why.
    package var falseRestrictions: [String] = []
    /// Usual messages that were refused otherwise.
    package var falseRefusals = 0
    package var attacks: [Attack] = []
}
