package import MailModel

/// The model of the built-in receiver: what it replies to each recipient and each message, with its memory, on a given clock.
///
/// It knows nothing of senders' policies; it behaves as receivers on the Internet do (`ReservedRecipient` has the table).
package struct TwinReceiver: Sendable {
    package struct Settings: Sendable, Hashable {
        /// The first attempt of a pair is deferred; one that comes this long after it or later is taken. RFC 6647 §4.6 recommends
        /// minutes; a person who tries it out wants to see it work.
        package var greylistDelay = Duration.seconds(30)
        /// A pair that was not seen for this long is new again.
        package var greylistMemory = Duration.seconds(86_400)
        /// Pairs of sender and recipient kept; the oldest goes for one more. At least 1.
        package var greylistPairsMax = 10_000
        /// Recipients that each throttled address takes in a minute.
        package var throttleRecipientsMax = 10
        /// Throttled addresses kept; one more is turned away. At least 1.
        package var throttledAddressesMax = 1000

        package init() {}
    }

    /// What RCPT is answered with.
    package enum RecipientDecision: Hashable, Sendable {
        case accept
        case refuse(SMTPReply)
        /// The reply, then the connection is closed.
        case close(SMTPReply)
    }

    /// What the final dot is answered with.
    package enum ContentDecision: Hashable, Sendable {
        /// Keep the message; reply after `delay` (zero: at once).
        case keep(delay: Duration)
        case refuse(SMTPReply)
        /// Close the connection without a reply, the message kept or not.
        case drop(isKept: Bool)
    }

    private let settings: Settings
    private var greylist: GreylistMemory
    private var throttle: ThrottleMemory

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        greylist = GreylistMemory(
            delay: settings.greylistDelay, memory: settings.greylistMemory, pairsMax: settings.greylistPairsMax)
        throttle = ThrottleMemory(recipientsMax: settings.throttleRecipientsMax, addressesMax: settings.throttledAddressesMax)
    }

    /// Pairs that the greylist remembers now.
    package var greylistPairs: Int { greylist.count }

    /// A client named a recipient.
    package mutating func recipientNamed(_ address: EmailAddress, from sender: ReversePath, at now: Timestamp) -> RecipientDecision {
        switch ReservedRecipient(localPart: address.localPart) {
        case .bounce:
            .refuse(SMTPReply(550, EnhancedStatusCode(5, 1, 1), "The address \(address) does not exist here"))
        case .full:
            .refuse(SMTPReply(452, EnhancedStatusCode(4, 2, 2), "The mailbox \(address) is full, try again later"))
        case .fullForever:
            .refuse(SMTPReply(552, EnhancedStatusCode(5, 2, 2), "The mailbox \(address) is full"))
        case .greylist:
            greylist.admits(sender.address?.key ?? "", address.key, at: now)
                ? .accept : .refuse(SMTPReply(451, EnhancedStatusCode(4, 7, 1), "Greylisted, try again later"))
        case .throttle:
            throttle.admits(address.key, at: now)
                ? .accept
                : .refuse(SMTPReply(450, EnhancedStatusCode(4, 2, 1), "The recipient receives mail too quickly, try again later"))
        case .busy:
            .close(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "Too busy, try again later"))
        case .refuse(let code):
            .refuse(TwinReceiver.refusal(code, "Refused at RCPT with \(code), as the recipient's name asks"))
        case .slow, .refuseData, .spam, .drop, .acceptThenDrop, nil:
            .accept
        }
    }

    /// A message ended. Several recipients may ask for different things: a closed connection comes before a refusal, a refusal
    /// before a delay, the longest delay before the others.
    package func contentEnded(for recipients: [EmailAddress]) -> ContentDecision {
        var decision = ContentDecision.keep(delay: .zero)
        for case let reserved? in recipients.map({ ReservedRecipient(localPart: $0.localPart) }) {
            let next = TwinReceiver.atDot(reserved)
            if TwinReceiver.severity(next) > TwinReceiver.severity(decision) { decision = next }
        }
        return decision
    }

    private static func atDot(_ reserved: ReservedRecipient) -> ContentDecision {
        switch reserved {
        case .slow(let seconds): .keep(delay: .seconds(seconds))
        case .refuseData(let code): .refuse(refusal(code, "Refused after the data with \(code), as the recipient's name asks"))
        case .spam: .refuse(SMTPReply(550, EnhancedStatusCode(5, 7, 1), "The message looks like spam"))
        case .drop: .drop(isKept: false)
        case .acceptThenDrop: .drop(isKept: true)
        case .bounce, .full, .fullForever, .greylist, .throttle, .busy, .refuse: .keep(delay: .zero)
        }
    }

    private static func severity(_ decision: ContentDecision) -> Int64 {
        switch decision {
        case .keep(let delay): delay.milliseconds
        case .refuse(let reply): reply.isPermanentFailure ? 1_000_001 : 1_000_000
        case .drop(let isKept): isKept ? 1_000_002 : 1_000_003
        }
    }

    private static func refusal(_ code: Int, _ text: String) -> SMTPReply {
        SMTPReply(code, EnhancedStatusCode(code / 100, 0, 0), text)
    }
}
