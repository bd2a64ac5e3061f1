package import MailModel

/// The model of a provider that receives mail from the Internet: what it demands, and what it remembers of who sends to it.
///
/// Recipients whose local part begins with `unknown` do not exist, and one that begins with `full` has no room. Time may not run backwards.
package struct ReceiverTwin: Sendable {
    /// Where an accepted message lies.
    package enum Place: String, Sendable, Hashable {
        case inbox
        case junk
    }

    package enum Decision: Sendable, Hashable {
        case refused(SMTPReply)
        case accepted(SMTPReply, id: String, Place)

        package var reply: SMTPReply {
            switch self {
            case .refused(let reply): reply
            case .accepted(let reply, _, _): reply
            }
        }
    }

    package let provider: ReceiverProvider
    package private(set) var settings: ReceiverDemands
    /// By domain of From; the others pass.
    package private(set) var authentication: [String: ReceiverAuthentication] = [:]
    private let replies: ReceiverReplies
    private var addresses: [IPAddress: SenderReputation] = [:]
    private var domains: [String: SenderReputation] = [:]
    private var open: [IPAddress: Int] = [:]
    private var greylist = GreylistMemory(delay: .seconds(1), memory: .seconds(86_400), pairsMax: 10_000)
    private var lastNumber: UInt64 = 0

    /// Senders that are remembered; with one more all are forgotten.
    private static let sendersMax = 10_000

    package init(_ provider: ReceiverProvider, _ settings: ReceiverDemands? = nil) {
        self.provider = provider
        self.settings = settings ?? ReceiverDemands(provider)
        replies = ReceiverReplies(provider: provider)
        renewGreylist()
    }

    private mutating func renewGreylist() {
        greylist = GreylistMemory(delay: .seconds(max(1, settings.greylistSeconds)), memory: .seconds(86_400), pairsMax: 10_000)
    }

    package mutating func configure(_ new: ReceiverDemands) {
        let isOther = new.greylistSeconds != settings.greylistSeconds
        settings = new
        if isOther { renewGreylist() }
    }

    /// What is found for mail of this From domain from now on.
    package mutating func authenticate(_ domain: DomainName, as facts: ReceiverAuthentication) {
        if authentication.count < ReceiverTwin.sendersMax || authentication[domain.text] != nil { authentication[domain.text] = facts }
    }

    private mutating func bound() {
        if addresses.count > ReceiverTwin.sendersMax { addresses = [:] }
        if domains.count > ReceiverTwin.sendersMax { domains = [:] }
    }

    // MARK: - A dialogue

    /// Nil: greeted, and `closed` must follow.
    package mutating func opened(from address: IPAddress) -> SMTPReply? {
        guard (open[address] ?? 0) < settings.connections else { return replies.tooManyConnections(address) }
        open[address, default: 0] += 1
        return nil
    }

    /// To MAIL, after as many messages as one connection may bring.
    package var connectionUsedUp: SMTPReply { replies.connectionUsedUp }

    package mutating func closed(from address: IPAddress) {
        open[address] = open[address].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    package mutating func recipient(
        _ recipient: EmailAddress, reversePath: ReversePath, from address: IPAddress, at now: Timestamp
    ) -> SMTPReply {
        bound()
        let name = recipient.localPart.lowercased()
        let isKnown = !name.hasPrefix("unknown")
        addresses[address, default: SenderReputation()].asked(isKnown: isKnown, at: now)
        guard isKnown else { return replies.unknown(recipient) }
        if name.hasPrefix("full") { return replies.full(recipient) }
        if settings.greylistSeconds > 0, !greylist.admits(reversePath.description, recipient.key, at: now) {
            return ReceiverReplies.greylisted
        }
        return SMTPReply(250, EnhancedStatusCode(2, 1, 5), "OK")
    }

    /// The end of the data. `evaluated`: what was found about this message; nil: all passes. What was given for its domain comes before.
    package mutating func submitted(
        _ facts: ExchangeContentFacts, recipients: [EmailAddress], from address: IPAddress, evaluated: ReceiverAuthentication? = nil,
        at now: Timestamp
    ) -> Decision {
        let domain = facts.from?.domain?.text ?? ""
        let found = authentication[domain] ?? evaluated ?? ReceiverAuthentication()
        let isBulk = domains[domain]?.isBulk ?? false
        if !found.spf, !found.dkim { return .refused(replies.unauthenticated(domain)) }
        if !found.dmarc, found.policy == .reject, provider != .postfix { return .refused(replies.policyRefused(domain)) }
        if isBulk, provider != .postfix, !(found.spf && found.dkim && found.dmarc) {
            return .refused(replies.bulkDemands(domain, found))
        }
        if facts.hasTestString { return .refused(replies.spam()) }
        let settings = settings
        // Both are told of it, also where the first one is enough to hold it.
        let mayCome = [
            addresses[address, default: SenderReputation()].mayCome(settings, at: now),
            domains[domain, default: SenderReputation()].mayCome(settings, at: now),
        ]
        guard !mayCome.contains(false) else { return .refused(replies.tooMuch(address, recipients.first)) }
        addresses[address, default: SenderReputation()].took(settings, at: now)
        domains[domain, default: SenderReputation()].took(settings, at: now)
        let share = domains[domain, default: SenderReputation()].complaintShare(at: now)
        let isSuspect = settings.junkComplaints > 0 && share >= settings.junkComplaints || !found.dmarc && found.policy == .quarantine
        lastNumber += 1
        let id = "twin\(lastNumber)"
        return .accepted(replies.accepted(id), id: id, isSuspect ? .junk : .inbox)
    }

    /// Readers pressed "junk".
    package mutating func complained(about domain: DomainName, from address: IPAddress?, count: Int, at now: Timestamp) {
        domains[domain.text, default: SenderReputation()].complained(count, at: now)
        if let address { addresses[address, default: SenderReputation()].complained(count, at: now) }
    }

    // MARK: - To be shown

    package struct SenderState: Sendable, Hashable {
        package var sender: String
        package var messagesOfDay: Int
        /// What may come today; nil for anything.
        package var allowance: Int?
        /// Complaints of ten thousand messages.
        package var complaintShare: Int
        package var isBulk: Bool
    }

    /// The addresses and domains that it remembers, at most `most`.
    package mutating func senders(most: Int, at now: Timestamp) -> [SenderState] {
        let settings = settings
        func state(_ name: String, _ reputation: inout SenderReputation) -> SenderState {
            SenderState(
                sender: name, messagesOfDay: reputation.messagesOfDay(at: now), allowance: reputation.allowance(settings, at: now),
                complaintShare: reputation.complaintShare(at: now), isBulk: reputation.isBulk)
        }
        let known = addresses.keys.map { "\($0)" }.sorted().prefix(most).compactMap { name in
            IPAddress(name).map { state(name, &addresses[$0, default: SenderReputation()]) }
        }
        return known + domains.keys.sorted().prefix(most).map { state($0, &domains[$0, default: SenderReputation()]) }
    }
}
