import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// Makes the works of a history, one message after the other.
struct HistoryWriter {
    private let now: Timestamp
    private let events: Int
    private var identifiers: MessageIDSource
    private var random: SeedRandom
    private(set) var works: [StoreWork] = []
    private(set) var report = HistorySeed.Report()
    /// Recipients of the last day that count against the limits of their senders.
    private var used: [String: Int] = [:]
    private var burstsLeft = SeedCast.restricted

    private static let retries: [Int64] =
        [300, 600, 1200, 2400, 4800, 9600, 19_200] + [Int64](repeating: 28_800, count: 9)
    private static let lifetime = Duration.seconds(2 * 86_400)
    static let overloadedSince = Duration.seconds(22 * 3600)
    static let stoppedSince = Duration.seconds(5 * 3600)
    static let restrictedSince = Duration.seconds(3 * 3600)

    init(_ seed: HistorySeed, identifiers: MessageIDSource, now: Timestamp) {
        self.now = now
        self.identifiers = identifiers
        events = seed.events
        random = SeedRandom(seed: seed.seed)
    }

    mutating func takeWorks() -> [StoreWork] {
        defer { works = [] }
        return works
    }

    /// A message that came then, and all that became of it until now.
    mutating func mail(at time: Timestamp) {
        if let sender = burstsLeft.last, time > now - HistoryWriter.restrictedSince - .seconds(600 * burstsLeft.count) {
            burstsLeft.removeLast()
            burst(of: sender, at: time)
        }
        if random.isOne(in: 70) { return refuse(at: time) }
        let sender = sender()
        let isInternal = sender.name == "scanner" || (!sender.isNewsletter && random.isOne(in: 3))
        let count = sender.isNewsletter ? 20 + random.number(40) : random.isOne(in: 8) ? 2 + random.number(4) : 1
        let recipients = (0..<count).map { _ in isInternal ? internalRecipient() : externalRecipient() }
        send(from: sender, to: recipients, subject: SeedCast.subject(of: sender.name, &random), at: time)
    }

    /// What a short history has left out.
    mutating func finish() {
        for sender in burstsLeft { burst(of: sender, at: now - HistoryWriter.restrictedSince) }
        burstsLeft = []
    }

    // MARK: Who

    private struct Sender {
        var name: String
        var isConnector = false
        var isNewsletter = false

        var address: EmailAddress { SeedCast.address(isConnector ? "no-reply.\(name)" : name) }
        var principal: String { isConnector ? "connector:\(name)" : "account:\(address.key)" }
        var limited: String { isConnector ? "connector:\(name)" : address.key }
    }

    private struct Recipient {
        var address: EmailAddress
        /// Nil for an internal one.
        var destination: SeedCast.Destination?
    }

    private mutating func sender() -> Sender {
        switch random.number(100) {
        case 0: Sender(name: SeedCast.newsletter, isNewsletter: true)
        case 1..<45: Sender(name: SeedCast.connectors[random.low(SeedCast.connectors.count)], isConnector: true)
        default: Sender(name: SeedCast.people[random.low(SeedCast.people.count)])
        }
    }

    private mutating func internalRecipient() -> Recipient { Recipient(address: SeedCast.address(random.one(of: SeedCast.people))) }

    private mutating func externalRecipient() -> Recipient {
        let all = SeedCast.destinations
        let place: Int
        switch random.number(60) {
        case 0: place = SeedCast.place(of: SeedCast.overloaded)
        case 1: place = SeedCast.place(of: SeedCast.partner)
        case 2..<20: place = random.number(all.count)
        default: place = random.low(9)
        }
        let name = "\(random.one(of: SeedCast.firstNames)).\(random.one(of: SeedCast.lastNames))\(random.number(900))"
        return Recipient(address: SeedCast.address(name, all[place].domain), destination: all[place])
    }

    // MARK: Mail

    private mutating func send(from sender: Sender, to recipients: [Recipient], subject: String, at time: Timestamp, isHeld: Bool = false) {
        let record = record(of: sender, recipients.count, subject: subject, at: time, isHeld: isHeld)
        let rows = recipients.enumerated().map { index, recipient in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(recipient.address), isInternal: recipient.destination == nil,
                state: isHeld ? .held : .queued, dueAt: record.receivedAt)
        }
        var message = NewMessage(record: record, recipients: rows, content: HistoryWriter.content(record), lease: nil)
        let used = used[sender.name, default: 0] + recipients.count
        if now - time < .seconds(20 * 3600), used <= HistoryWriter.use(of: sender.name) {
            message.claims = [claim(of: sender, recipients)]
            self.used[sender.name] = used
        }
        works.append(.accept(message))
        report.messages += 1
        report.recipients += recipients.count
        guard !isHeld else { return }
        for (index, recipient) in recipients.enumerated() { attempts(Int32(index), recipient, of: record) }
    }

    /// Of the day's 1,000 recipients, as far as there is mail for it: some senders are near the limit, most are not.
    private static func use(of name: String) -> Int {
        switch SeedCast.people.firstIndex(of: name) {
        case 0: 940
        case 1: 880
        case 2: 810
        default: 40 + Int(name.utf8.reduce(7) { $0 &* 31 &+ UInt32($1) } % 500)
        }
    }

    private func claim(of sender: Sender, _ recipients: [Recipient]) -> UsageClaim {
        var amounts = UsageAmounts()
        amounts[.messages] = 1
        amounts[.internal] = recipients.count { $0.destination == nil }
        amounts[.external] = recipients.count - amounts[.internal]
        let name = sender.isConnector ? sender.limited : "sender:\(sender.limited)"
        return UsageClaim(holder: UsageHolder(tenant: .standard, name: name), amounts: amounts, limits: [])
    }

    private mutating func record(of sender: Sender, _ count: Int, subject: String, at time: Timestamp, isHeld: Bool) -> MessageRecord {
        let id = identifiers.next(at: time)
        var findings: [Finding] = []
        if isHeld {
            findings.append(
                Finding(rule: "restricted.sender", matched: sender.limited, explanation: "Kept back, since its sender is restricted."))
        }
        let host = sender.isConnector ? "\(sender.name).\(SeedCast.organisation)" : "[10.20.\(random.number(4)).\(1 + random.number(250))]"
        return MessageRecord(
            tenant: .standard, id: id, receivedAt: time,
            trafficClass: sender.isNewsletter ? .campaign : sender.isConnector ? .application : .personal, sender: sender.limited,
            principal: sender.principal, reversePath: .address(sender.address), envelopeID: nil, dsnReturn: nil, body: .eightBit,
            isInternationalized: false, headerFrom: sender.address.description, subject: subject,
            headerMessageID: "\(String(random.next(), radix: 36)).\(report.messages)@\(SeedCast.organisation)",
            sizeBytes: 2000 + random.low(400_000), clientAddress: .v4(0x0A14_0000 + UInt32(random.number(1000))), clientName: host,
            submissionTLS: sender.isConnector && sender.name == "scanner" ? nil : "TLSv1.3", pool: .normal, onlyRoute: nil,
            findings: findings, expiresAt: time + HistoryWriter.lifetime, warnAt: nil, recipientCount: count)
    }

    private static func content(_ record: MessageRecord) -> [UInt8] {
        Array(
            """
            From: <\(record.headerFrom)>\r\nTo: undisclosed-recipients:;\r\nSubject: =?utf-8?Q?Made_up?=\r\n\
            Message-ID: <\(record.headerMessageID)>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
            This message was made up by postern seed.\r\n
            """.utf8)
    }

    // MARK: What became of it

    /// Attempt after attempt, until one settles it or the next lies ahead.
    private mutating func attempts(_ index: Int32, _ recipient: Recipient, of record: MessageRecord) {
        var time = record.receivedAt + .milliseconds(300 + random.low(4000))
        for attempt in 1...HistoryWriter.retries.count {
            let result = result(recipient, at: time, attempt: attempt, isLast: time + .seconds(3600) > record.expiresAt)
            let next = time + .seconds(HistoryWriter.retries[attempt - 1] + Int64(random.number(120)))
            // What is still to come falls due at a time that leaves it in the queue for a while.
            let dueAt = next > now ? max(next, now + .seconds(900 + random.number(20_000))) : next
            settle(index, recipient, of: record, result, attempt: attempt, dueAt: dueAt, at: min(time, now))
            if result.state != .queued || next > now { return }
            time = next
        }
    }

    private struct Result {
        var state: RecipientState
        var reply: SMTPReply
        var stage: DeliveryStage?
    }

    private mutating func result(_ recipient: Recipient, at time: Timestamp, attempt: Int, isLast: Bool) -> Result {
        guard let destination = recipient.destination else { return delivered("Queued as \(String(random.next() >> 24, radix: 16))") }
        if destination.domain == SeedCast.overloaded, isOverloaded(at: time) {
            return Result(state: isLast ? .expired : .queued, reply: SeedCast.noAnswer, stage: .connect)
        }
        if destination.domain == SeedCast.partner, time > now - HistoryWriter.stoppedSince {
            return Result(state: .queued, reply: SeedCast.stop, stage: .mail)
        }
        let chance = random.number(1000)
        if attempt == 1, chance < 22 {
            return Result(state: .bounced, reply: reply(SeedCast.bounces, destination, recipient), stage: .recipient)
        }
        if chance < (attempt == 1 ? 65 : 400) {
            let reply = reply(SeedCast.deferrals, destination, recipient)
            return Result(state: isLast ? .expired : .queued, reply: reply, stage: random.isOne(in: 3) ? .mail : .recipient)
        }
        return delivered("OK \(time.seconds) \(String(random.next() >> 16, radix: 36)) - \(destination.host.prefix(5))")
    }

    /// For the last day, and for three days a week before.
    private func isOverloaded(at time: Timestamp) -> Bool {
        time > now - HistoryWriter.overloadedSince || (time > now - .seconds(9 * 86_400) && time < now - .seconds(6 * 86_400))
    }

    private func delivered(_ text: String) -> Result {
        Result(state: .delivered, reply: SMTPReply(250, EnhancedStatusCode(2, 0, 0), text), stage: nil)
    }

    /// In the provider's words, about this recipient.
    private mutating func reply(
        _ replies: [ReplyProvider: [SMTPReply]], _ destination: SeedCast.Destination, _ recipient: Recipient
    ) -> SMTPReply {
        let known = replies[destination.provider] ?? replies[.generic] ?? []
        guard !known.isEmpty else { return SMTPReply(450, EnhancedStatusCode(4, 2, 0), "Try again later") }
        let reply = random.one(of: known)
        return SMTPReply(reply.code, reply.enhancedCode, reply.text.replacing("anna@example.net", with: recipient.address.description))
    }

    private mutating func settle(
        _ index: Int32, _ recipient: Recipient, of record: MessageRecord, _ result: Result, attempt: Int, dueAt: Timestamp,
        at time: Timestamp
    ) {
        let destination = recipient.destination
        let isTLS = destination?.provider != .generic || !random.isOne(in: 12)
        let isReached = result.stage != .connect
        let facts = ConnectionFacts(
            host: destination?.host ?? "mail.\(SeedCast.organisation)", address: destination?.address ?? .v4(0x0A14_0019), port: 25,
            tlsVersion: isTLS && isReached ? "TLSv1.3" : nil, tlsVerified: isTLS && isReached && destination?.provider != .generic)
        let outcome = Settlement.Outcome(
            index: index, oldState: .queued, newState: result.state, attempts: attempt, dueAt: dueAt, isWarned: false, reply: result.reply,
            stage: result.stage)
        let route = destination == nil ? "internal" : destination?.domain == SeedCast.partner ? SeedCast.stoppedRoute : "internet"
        works.append(
            .settle(
                Settlement(
                    tenant: .standard, message: record.id, at: time, recipientCount: record.recipientCount, connection: facts, route: route,
                    source: "default", outcomes: [outcome])))
        report.events += 1
    }

    // MARK: Refusals

    private mutating func refuse(at time: Timestamp) {
        let sender = sender()
        let recipient = random.isOne(in: 2) ? internalRecipient().address.description : externalRecipient().address.description
        let reasons: [(SMTPReply, Finding)] = [
            (
                SMTPReply(550, EnhancedStatusCode(5, 7, 60), "SMTP; Client does not have permissions to send as this sender"),
                Finding(rule: "send-as.envelope", matched: "ceo@northwind.test", explanation: "The submitter has no right to this address.")
            ),
            (
                SMTPReply(550, EnhancedStatusCode(5, 1, 1), "\(recipient): there is no such recipient"),
                Finding(rule: "recipient.unknown", matched: recipient, explanation: "The domain's directory does not have it.")
            ),
            (
                SMTPReply(552, EnhancedStatusCode(5, 3, 4), "The message is too large"),
                Finding(rule: "message.size", matched: "62 MiB", explanation: "Messages may have 50 MiB.")
            ),
        ]
        let (reply, finding) = random.one(of: reasons)
        put(sender, recipient: recipient, subject: "", reply, [finding], at: time)
    }

    private mutating func put(
        _ sender: Sender, recipient: String, subject: String, _ reply: SMTPReply, _ findings: [Finding], at time: Timestamp
    ) {
        works.append(
            .refuse(
                Refusal(
                    tenant: .standard, id: identifiers.next(at: time), at: time, principal: sender.principal,
                    reversePath: sender.address.description, recipient: recipient, subject: subject,
                    clientAddress: .v4(0xC633_6400 + UInt32(random.number(200))), reply: reply, findings: findings)))
        report.events += 1
    }

    /// A hijacked account: much of it goes out, then it is restricted.
    private mutating func burst(of name: String, at time: Timestamp) {
        let sender = Sender(name: name)
        let size = max(2, min(40, events / 200))
        for number in 0..<size {
            let recipients = (0..<6).map { _ in externalRecipient() }
            send(
                from: sender, to: recipients, subject: "Ihr Paket \(4000 + number) wartet: bitte bestätigen",
                at: time + .seconds(number * 3), isHeld: number > size * 2 / 3)
        }
        let reference = SeedDirectory.reference(of: name, at: now)
        let reply = SMTPReply(
            550, EnhancedStatusCode(5, 1, 8),
            "Access denied, bad outbound sender. Your account is restricted. Contact your administrator and name \(reference)")
        for number in 0..<size / 2 {
            let finding = Finding(
                rule: "restricted.sender", matched: "sender:\(sender.limited) \(reference)", explanation: "The sender is restricted.")
            put(
                sender, recipient: externalRecipient().address.description, subject: "Ihr Paket wartet", reply, [finding],
                at: time + .seconds(180 + number * 4))
        }
    }
}
