/// The errors whose repetition throttles a mailbox (Exchange Team, "Continuous error throttling for SMTP AUTH submissions").
package enum ExchangeError: Int, Sendable, Hashable, CaseIterable {
    case mailboxFull = 251
    case sendAsDenied = 252
    case invalidLicence = 253
    case tooManyRecipients = 254
    case invalidRecipients = 255

    package var name: String {
        switch self {
        case .mailboxFull: "mailbox full"
        case .sendAsDenied: "send as denied"
        case .invalidLicence: "invalid license"
        case .tooManyRecipients: "too many recipients"
        case .invalidRecipients: "invalid recipients"
        }
    }
}
