/// Why mail did not arrive, or what else came back: one list for replies, reports, complaints and webhooks.
///
/// The raw value is what the command line, the API and the store say; never give one a new meaning.
package enum BounceClass: String, Hashable, Sendable, Codable, CaseIterable {
    /// The address itself is dead: no such user or domain, moved, or a domain that takes no mail (null MX). The only hard class.
    case addressDead = "address-dead"
    /// The mailbox has no room.
    case mailboxFull = "mailbox-full"
    /// The mailbox is there, and closed for now: disabled, inactive, over its account's quota of use.
    case suspended
    /// Something did not work at the receiver or on the way: a fault of a host, a network, a name server.
    case temporary
    /// Tried for as long as the message may wait.
    case expired
    /// The receiver does not want this mail, by a rule of its own that is none of those below.
    case policy
    /// What the message says or looks like: spam, links, attachments.
    case content
    case virus
    /// What proves who sends: SPF, DKIM, DMARC, the reverse DNS of the host, a sign-in.
    case authentication
    /// What is thought of the sending host or domain: block lists, reputation.
    case reputation
    /// Too many connections, messages or recipients in a time.
    case rate
    /// The host does not carry mail for this recipient, or for us.
    case relaying
    /// Too large, for the host or the mailbox.
    case size
    /// Commands or the form of the message are not as the receiver reads the standards.
    case protocolError = "protocol"
    /// The host takes no mail now, from anybody.
    case notAccepting = "not-accepting"
    /// The recipient said that it is spam, or asked to be spared (RFC 5965).
    case complaint
    /// A machine answered: absence, confirmation (RFC 3834).
    case autoReply = "auto-reply"
    /// A report of success.
    case delivered
    /// It came back, and nothing says why.
    case undetermined

    /// True where the address is not to be written to again.
    package var isHard: Bool { self == .addressDead }

    /// True where it tells of mail that did not arrive: all but complaints, automatic answers and reports of success.
    package var isBounce: Bool {
        switch self {
        case .complaint, .autoReply, .delivered: false
        default: true
        }
    }

    /// True where our side has to mend something, and the recipient is not to blame: never a reason to suppress an address.
    package var isOwnFault: Bool {
        switch self {
        case .content, .virus, .authentication, .reputation, .rate, .relaying, .size, .protocolError, .policy: true
        default: false
        }
    }

    /// For people, in one clause.
    package var words: String {
        switch self {
        case .addressDead: "the address does not exist"
        case .mailboxFull: "the mailbox is full"
        case .suspended: "the mailbox is closed or disabled"
        case .temporary: "the receiving system, or the way to it, did not work"
        case .expired: "it could not be delivered in the time that it may wait"
        case .policy: "the receiver refuses it by a rule of its own"
        case .content: "the content was refused"
        case .virus: "the content was taken for a virus"
        case .authentication: "the sender, or the host that sends, could not be verified"
        case .reputation: "the sending host is not trusted"
        case .rate: "too much mail in a time"
        case .relaying: "the host does not carry mail for this recipient or from here"
        case .size: "the message is too large"
        case .protocolError: "the form of the message or of a command was refused"
        case .notAccepting: "the host takes no mail now"
        case .complaint: "the recipient complained"
        case .autoReply: "an automatic answer"
        case .delivered: "it was delivered"
        case .undetermined: "nothing says why"
        }
    }
}
