package import MailModel

/// One way to a class, for replies of the dialogue and for the rows of reports alike.
extension BounceClass {
    /// The words that a provider is known by come first, then words that many use, then the enhanced code, then where it was said, then the code.
    package static func of(_ evidence: BounceEvidence, hint: ReplyProvider? = nil) -> BounceClass {
        if evidence.replyCode.map({ $0 < 300 }) ?? (evidence.status?.statusClass == 2) { return .delivered }
        if evidence.isLocal { return local(evidence) }
        for words in [evidence.words, evidence.context] where !words.isEmpty {
            if let known = providers(evidence.withStatus(words), hint) { return weighed(known, evidence, isSure: true) }
            let text = ReplyText.whole(of: words)
            if let rule = BounceWords.all.first(where: { $0.pattern.matches(text) }) {
                return weighed(rule.bounceClass, evidence, isSure: rule.isSure)
            }
        }
        if let status = evidence.status, let found = coded(status) { return weighed(found, evidence, isSure: true) }
        if let found = placed(evidence) { return found }
        return evidence.replyCode.flatMap(numbered).map { weighed($0, evidence, isSure: true) } ?? .undetermined
    }

    /// What the provider's own rules say; nil where none of them knows the reply.
    private static func providers(_ words: String, _ hint: ReplyProvider?) -> BounceClass? {
        guard let meaning = ReplyMeaning.of(text: words, hint: hint), meaning.provider != .generic else { return nil }
        return meaning.replyClass.bounceClass
    }

    /// An address is dead only where its own host says so of the address itself, for good, and nothing else in the reply speaks against it.
    private static func weighed(_ found: BounceClass, _ evidence: BounceEvidence, isSure: Bool) -> BounceClass {
        // RFC 7504: 521 and 556 are said by hosts and of domains that never take mail.
        let takesNone = found == .notAccepting && (evidence.replyCode == 521 || evidence.replyCode == 556)
        guard found == .addressDead || takesNone else { return found }
        if evidence.isTransient { return BounceWords.isNullMX(evidence.words) ? .notAccepting : .temporary }
        if takesNone { return .addressDead }
        if isSure { return .addressDead }
        let status = evidence.status
        if let status, status.subject == 1, [1, 2, 3, 6, 10].contains(status.detail) { return .addressDead }
        switch evidence.stage {
        case .recipient: return .addressDead
        // Hosts that take all addresses and refuse behind DATA do so of mail that they do not want, too.
        case .data, .dot, .mail, .ehlo, .greeting, .connect: return .policy
        default: break
        }
        // `550 5.2.1 User unknown`: the code says that the mailbox is there.
        if let status, [2, 3, 7].contains(status.subject) { return .policy }
        return status?.subject == 1 || evidence.replyCode == nil ? .addressDead : .policy
    }

    /// What we found ourselves: only the DNS of the recipient's domain, and only where it answered, says something about an address.
    private static func local(_ evidence: BounceEvidence) -> BounceClass {
        switch (evidence.status?.statusClass, evidence.status?.subject, evidence.status?.detail) {
        case (5, 1, 2), (5, 1, 10): return .addressDead
        case (_, 4, 7): return .expired
        case (5, 4, 6): return .temporary
        case (_, 7, _): return .policy
        case (_, 3, 4): return .size
        case (_, 6, _), (_, 5, _): return .protocolError
        default: return .temporary
        }
    }

    // MARK: - Codes

    /// RFC 3463, RFC 5248's registry, RFC 7372, RFC 7505; nil where the code says no more than its class.
    private static func coded(_ status: EnhancedStatusCode) -> BounceClass? {
        switch (status.subject, status.detail) {
        case (1, 1), (1, 2), (1, 6): return .addressDead
        case (1, 3): return status.statusClass == 5 ? .addressDead : .temporary
        case (1, 7), (1, 8): return .policy
        case (1, 10): return .addressDead
        case (2, 1): return .suspended
        case (2, 2): return .mailboxFull
        case (2, 3), (3, 4): return .size
        case (2, 0): return .policy
        case (3, 1): return .temporary
        case (3, 2): return .notAccepting
        case (3, 0), (3, 3), (3, 5): return .temporary
        case (4, 7): return .expired
        case (4, 4): return status.statusClass == 5 ? .addressDead : .temporary
        case (4, _): return status.detail == 0 ? nil : .temporary
        case (5, 3): return .rate
        case (5, 0): return nil
        case (5, _): return .protocolError
        case (6, _): return .content
        case (7, 2), (7, 0): return .policy
        case (7, 13): return .suspended
        case (7, 20...29), (7, 8): return .authentication
        case (7, _): return .policy
        default: return nil
        }
    }

    /// Before a recipient was named, a refusal is about the host; at MAIL, about the sender.
    private static func placed(_ evidence: BounceEvidence) -> BounceClass? {
        switch evidence.stage {
        case .connect, .greeting, .ehlo: evidence.isTransient ? .temporary : .reputation
        case .mail: evidence.isTransient ? .temporary : .policy
        case .data, .dot: evidence.isTransient ? .temporary : .policy
        default: nil
        }
    }

    private static func numbered(_ code: Int) -> BounceClass? {
        switch code {
        case 421, 450, 451: .temporary
        case 452: .temporary
        case 400..<500: .temporary
        case 500...504: .protocolError
        case 521, 556: .notAccepting
        case 530, 535: .authentication
        case 551: .relaying
        case 552: .mailboxFull
        default: nil
        }
    }
}

extension ReplyClass {
    /// Nil where it only says that another reply stands behind it.
    package var bounceClass: BounceClass? {
        switch self {
        case .wrapper, .routing: nil
        case .noSuchDomain, .noSuchRecipient: .addressDead
        case .recipientFull: .mailboxFull
        case .recipientClosed: .suspended
        case .unreachable, .greylisted, .serverBusy, .senderMailboxFull: .temporary
        case .expired: .expired
        case .recipientPolicy, .policy, .tls, .senderDomain: .policy
        case .content: .content
        case .authentication, .reverseDNS, .signIn, .sendAs: .authentication
        case .blockList, .reputation, .identity, .probing, .senderRestricted, .connectorRestricted, .organisationBlocked: .reputation
        case .rateLimit, .connectionLimit, .recipientRate, .dailyLimit, .errorThrottle, .tooManyRecipients: .rate
        case .relaying: .relaying
        case .tooLarge: .size
        case .messageFormat: .protocolError
        }
    }
}
