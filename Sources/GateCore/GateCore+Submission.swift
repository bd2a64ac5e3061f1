package import DeliveryPlanning
package import InternetMessage
package import MailModel
package import OutboundPolicy

/// What a session is known by when it gives an envelope.
package struct SessionFacts: Sendable {
    package var principal: Submitter.Principal?
    package var address: IPAddress?
    /// The EHLO name.
    package var helloName: String
    package var isEncrypted: Bool
    package var tlsVersion: String?
    /// True where the listener itself says who may come without TLS: HTTP.
    package var mayBePlaintext: Bool

    package init(
        principal: Submitter.Principal?, address: IPAddress?, helloName: String, isEncrypted: Bool, tlsVersion: String?,
        mayBePlaintext: Bool = false
    ) {
        self.mayBePlaintext = mayBePlaintext
        self.principal = principal
        self.address = address
        self.helloName = helloName
        self.isEncrypted = isEncrypted
        self.tlsVersion = tlsVersion
    }
}

/// What is to be stored for a message that may come in. The content still needs its fields: the identifier stands in Received.
package struct AcceptanceOrder: Sendable {
    package var record: MessageRecord
    package var recipients: [RecipientRecord]
    /// Where the message is attempted at once from memory; then `stored` or `notStored` must follow.
    package var lease: Lease?
    package var submitter: Submitter
    /// What it uses of limits: for the store to grant in the commit that keeps it.
    package var claims: [UsageClaim] = []
}

// Second and third decision point: envelope and content.
extension GateCore {
    /// MAIL FROM.
    package mutating func senderGiven(
        _ reversePath: ReversePath, _ parameters: MailParameters, session: SessionFacts, at now: Timestamp
    ) -> Verdict {
        if let reply = refusalWhileClosed { return .refuse(reply, [Finding(rule: "store.closed", matched: "", explanation: reply.text)]) }
        let submitter = session.principal.flatMap { self.submitter($0) }
        let verdict = settings.rules.sender(
            submitter?.rewriting?.applied(to: reversePath) ?? reversePath, parameters, submitter: submitter,
            isEncrypted: session.isEncrypted || session.mayBePlaintext,
            peer: session.address,
            at: now)
        guard let submitter else { return verdict }
        if let refusal = refusal(of: submitter, sender: knownSender(submitter), isExternal: false, at: now) { return refusal }
        noteErrors(of: verdict, submitter, at: now)
        return verdict
    }

    /// How the senders' addresses of a session's messages are written; nil for as they come. Everything but `senderGiven` takes the result.
    package func rewriting(in session: SessionFacts) -> AddressRewriting? { session.principal.flatMap { submitter($0) }?.rewriting }

    /// What is done with a message of others: one by a connector that passes mail on, from a domain that we do not sign for, or with
    /// signatures of those who had it before. Nil for any other.
    package func relaying(_ content: [UInt8], _ header: HeaderSection, in session: SessionFacts) -> Relaying? {
        guard let relaying = session.principal.flatMap({ submitter($0) })?.relaying else { return nil }
        let hasSignature = header.fields.contains { field in
            field.isNamed("dkim-signature", in: content) || field.isNamed("arc-seal", in: content)
        }
        guard !hasSignature, let from = header.first("from", in: content),
            case .success(let addresses) = AddressList.parse(content, in: from.value), let domain = addresses.first?.domain
        else { return relaying }
        return directory.dkimKeys.keys.contains { domain.isWithin($0) } ? nil : relaying
    }

    /// Errors that programs repeat.
    mutating func noteErrors(of verdict: Verdict, _ submitter: Submitter, at now: Timestamp) {
        guard case .refuse(let reply, let findings) = verdict else { return }
        let rule = findings.first?.rule ?? ""
        if rule.hasPrefix("send-as.") { erred(.sendAs, submitter, example: reply.text, at: now) }
        if rule == "submission.account-expired" { erred(.account, submitter, example: reply.text, at: now) }
        if rule == PolicyTable.recipientsRule { erred(.tooManyRecipients, submitter, example: findings.first?.explanation ?? "", at: now) }
    }

    private var refusalWhileClosed: SMTPReply? {
        if isStopping { return SMTPReply(421, EnhancedStatusCode(4, 3, 2), "This server is stopping; try again in a minute") }
        if !holdsLease {
            return SMTPReply(
                451, EnhancedStatusCode(4, 3, 2), "This server has had no answer from its database for too long; try again in a minute")
        }
        guard case .closed(let reason) = storeCondition else { return nil }
        return SMTPReply(452, EnhancedStatusCode(4, 3, 1), "\(reason); try again later")
    }

    /// Memory for content that is about to come. Nil: granted, and `contentReleased` must follow.
    package mutating func contentReserved(_ bytes: Int) -> SMTPReply? {
        if let reply = refusalWhileClosed { return reply }
        return connections.contentReserved(bytes)
            ? nil : SMTPReply(452, EnhancedStatusCode(4, 3, 1), "Too much mail is coming in at this moment; try again in a minute")
    }

    package mutating func contentReleased(_ bytes: Int) { connections.contentReleased(bytes) }

    package enum ContentDecision: Sendable {
        case accept(AcceptanceOrder)
        case refuse(SMTPReply, [Finding])

        /// `verdict` refuses.
        init(_ verdict: Verdict) {
            guard case .refuse(let reply, let findings) = verdict else { preconditionFailure("not a refusal") }
            self = .refuse(reply, findings)
        }
    }

    /// End of data. `bytes`: the size of the content as it came. `fieldAddress`: the address in a header field that a connector trusts.
    /// `firstTime`: where the store was asked before, how many recipients it found to be new to the sender. `scan`: nil where nothing is scanned.
    /// `notes`: what was done to it before.
    package mutating func contentReceived(
        _ facts: MessageFacts, envelope: Envelope, bytes: Int, session: SessionFacts, firstTime: Int = 0,
        scan: ScanOutcome? = nil, isUnproven: Bool = false, notes: [Finding] = [], at now: Timestamp,
        fieldAddress: (String) -> EmailAddress?
    ) -> ContentDecision {
        if let reply = refusalWhileClosed {
            return .refuse(reply, [Finding(rule: "store.closed", matched: "", explanation: reply.text)])
        }
        guard var submitter = session.principal.flatMap({ submitter($0) }) else {
            let text = "The account or connector of this session was removed or disabled"
            return .refuse(
                SMTPReply(550, EnhancedStatusCode(5, 7, 1), text),
                [Finding(rule: "submission.disabled", matched: session.principal?.description ?? "", explanation: text)])
        }
        let ruling = settings.rules.content(facts, submitter: submitter)
        noteErrors(of: ruling, submitter, at: now)
        guard case .accept(var findings) = ruling else { return ContentDecision(ruling) }
        let identity = identityVerdict(facts, envelope, submitter)
        guard case .accept(let warnings) = identity else { return ContentDecision(identity) }
        findings += warnings
        if let refusal = refusalUnscanned(scan) { return refusal }
        let sender = settings.rules.senderName(submitter, reversePath: envelope.reversePath, facts: facts, fieldAddress: fieldAddress)
        submitter.trafficClass = policies.grants.trafficClass(submitter.trafficClass, of: sender, at: now)
        var arrival = Arrival(
            facts: facts, envelope: envelope, bytes: bytes, session: session, submitter: submitter, sender: sender, scan: scan,
            findings: notes + findings + [unscannedFinding(scan)].compactMap { $0 })
        arrival.isUnproven = isUnproven
        arrival.isHeld = isHeldForModeration(arrival)
        if let refusal = expandGroups(&arrival) ?? rateRefusal(&arrival) { return ContentDecision(refusal) }
        return counted(arrival, firstTime: firstTime, at: now)
    }

    /// A message whose content is fit to be taken.
    struct Arrival {
        var facts: MessageFacts
        var envelope: Envelope
        var bytes: Int
        var session: SessionFacts
        var submitter: Submitter
        var sender: String
        var scan: ScanOutcome?
        var findings: [Finding]
        /// True where a person has to release it.
        var isHeld = false
        var isUnproven = false
        var claims: [UsageClaim] = []
        /// When it may go out, by what is remembered.
        var releaseAt: Timestamp?
        /// Whom groups among the recipients stand for that send it on themselves: they are counted, but not yet recipients.
        var membersLater: [EmailAddress] = []
        /// Of its recipients, those groups.
        var groupsLater: Set<EmailAddress> = []

        /// Everybody who is to get it, each once.
        var people: [EmailAddress] {
            let direct = envelope.recipients.lazy.map(\.address)
            return groupsLater.isEmpty ? Array(direct) : direct.filter { !groupsLater.contains($0) } + membersLater
        }
    }

    mutating func acceptance(of arrival: Arrival, at now: Timestamp) -> AcceptanceOrder {
        let (envelope, facts, session, submitter) = (arrival.envelope, arrival.facts, arrival.session, arrival.submitter)
        let choice = PoolChoice.of(arrival.scan, isUnproven: arrival.isUnproven, unscanned: settings.unscanned)
        let dueAt = max(now, envelope.parameters.futureRelease?.time(from: now) ?? now, arrival.releaseAt ?? now)
        var recipients = envelope.recipients.enumerated().map { index, recipient in
            RecipientRecord(
                index: Int32(index), recipient: recipient, isInternal: directory.acceptedDomain(of: recipient.address) != nil,
                state: arrival.isHeld ? .held : .queued, dueAt: dueAt)
        }
        var record = MessageRecord(
            tenant: submitter.tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: submitter.trafficClass,
            sender: arrival.sender, principal: submitter.principal.description, reversePath: envelope.reversePath,
            envelopeID: envelope.parameters.envelopeID,
            dsnReturn: envelope.parameters.requiresTLS ? .headers : envelope.parameters.dsnReturn,
            body: facts.hasEightBitHeader || facts.hasEightBitBody ? .eightBit : .sevenBit,
            isInternationalized: envelope.parameters.isInternationalized && needsSMTPUTF8(envelope, facts),
            headerFrom: facts.headerFromText, subject: facts.subject, headerMessageID: facts.messageID, sizeBytes: arrival.bytes,
            clientAddress: session.address, clientName: session.helloName, submissionTLS: session.tlsVersion, pool: choice.pool,
            onlyRoute: onlyRoute(of: submitter, to: envelope.recipients), findings: arrival.findings + [choice.finding].compactMap { $0 },
            expiresAt: dueAt + settings.expiry,
            warnAt: settings.warnAfter.map { dueAt + $0 }, recipientCount: recipients.count, tlsWish: tlsWish(envelope, facts),
            scan: arrival.summary, list: facts.listID)
        let isHeld = isHeldForPool(&record, &recipients) || isHeldForReview(&record, &recipients) || arrival.isHeld
        let isLeased =
            !isHeld
            && queue.reserve(
                recipients: recipients.count, dueAt: dueAt, lane: TrafficLane(record), at: now)
        return AcceptanceOrder(
            record: record, recipients: recipients, lease: isLeased ? lease : nil, submitter: submitter, claims: arrival.claims)
    }

    /// REQUIRETLS goes before `TLS-Required: No` (RFC 8689 §4.1).
    private func tlsWish(_ envelope: Envelope, _ facts: MessageFacts) -> TLSWish {
        envelope.parameters.requiresTLS ? .verified : facts.waivesTLS ? .waived : .usual
    }

    /// SMTPUTF8 may be asked for by a client that does not need it; the next host should not have to have it then.
    private func needsSMTPUTF8(_ envelope: Envelope, _ facts: MessageFacts) -> Bool {
        facts.hasEightBitHeader || (envelope.reversePath.address?.isInternationalized ?? false)
            || envelope.recipients.contains { $0.address.isInternationalized }
    }

    var lease: Lease { Lease(owner: run.owner) }

    /// An identifier for something that is traced without being accepted: a refusal.
    package mutating func nextIdentifier(at now: Timestamp) -> MessageID { identifiers.next(at: now) }
}
