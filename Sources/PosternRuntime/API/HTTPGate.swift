package import Console
package import DeliveryPlanning
package import MailModel
package import OutboundPolicy
package import Submission

/// What the HTTP interface needs of a gate that runs in this process.
package protocol HTTPGate: Sendable {
    /// Who shows this key; failures count with those of all sign-ins.
    func access(_ key: String, from address: IPAddress?) -> APIAccess
    /// Who the caller of that name is now; nil where the key is gone or not valid any more.
    func principal(_ caller: String) -> AccessPrincipal?
    /// A person at the console: the account's own password counts, app passwords do not. Failures count with those of all sign-ins.
    func checkPassword(name: String, password: String, from address: IPAddress?) async -> PasswordAnswer
    /// Before something else is looked at that could be guessed. Not nil: do not look, and say this.
    func signInBegan(name: String, from address: IPAddress?) -> String?
    func signInFailed(name: String, from address: IPAddress?) -> Duration
    /// Memory for content. Nil: granted, and `release` must follow.
    func reserve(bytes: Int) -> SMTPReply?
    func release(bytes: Int)
    /// The way of a message by SMTP, from MAIL FROM on. Returns once it is on disk or will not be.
    func submit(_ submission: HTTPSubmission) async -> SubmissionOutcome
    /// The way of a campaign's copies into the queue, many at a time. Returns once they are on disk or will not be: one outcome for each.
    func handOver(_ copies: [HandedCopy], of campaign: String, from sender: EmailAddress, to recipients: [EmailAddress]) async
        -> [SubmissionOutcome]
    /// A provider's call about mail that it carried.
    func feedback(_ request: FeedbackRequest) async -> FeedbackReply
}

extension HTTPGate {
    /// Of what is no running gate.
    package func feedback(_ request: FeedbackRequest) async -> FeedbackReply {
        FeedbackReply(status: 503, text: "the gate is starting or stopping")
    }
}

/// A message that came by HTTP.
package struct HTTPSubmission: Sendable {
    package var principal: Submitter.Principal
    package var address: IPAddress?
    /// Nil: plaintext.
    package var tlsVersion: String?
    package var isEncrypted: Bool
    package var envelope: Envelope
    /// As it came; checked like content by SMTP.
    package var content: [UInt8]
    package var idempotency: IdempotencyMark?
    /// What was done to it before it came here.
    package var notes: [Finding] = []
}
