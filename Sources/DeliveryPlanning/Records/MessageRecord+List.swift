package import MailModel

extension MessageRecord {
    /// The discussion list whose own message it is; nil for any other mail.
    package var discussionList: EmailAddress? {
        guard trafficClass == .campaign, principal.hasPrefix("group:") else { return nil }
        return EmailAddress(principal.dropFirst(6))
    }
}
