import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import PostgresTestServer
import Storage
import Synchronization
import Testing

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "postern-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    private let kept = Mutex<PostgresTestDatabase?>(nil)

    /// A PostgreSQL database that goes with the test, made when it is first asked for. It has the schema, and the days of `Sample.start`.
    func database() throws -> PostgresTestDatabase {
        try kept.withLock { kept in
            if let kept { return kept }
            let made = try PostgresTestServer.shared().makeDatabase(template: "store") { url in
                let store = try PostgresStore(PostgresURL(url), migration: .apply)
                defer { store.close() }
                // Fails, and leaves the partitions of its day.
                #expect(throws: StoreError.self) { try store.commit([.accept(Sample.message(1)), .accept(Sample.message(1))]) }
            }
            kept = made
            return made
        }
    }
}

/// Values that the tests of the store are made of; time begins at `start`.
enum Sample {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    static let day = start.day

    static func id(_ number: Int, at time: Timestamp = start) -> MessageID {
        MessageID((time.milliseconds - MessageID.epoch.milliseconds) << 22 | 1 << 14 | Int64(number))
    }

    static func address(_ text: String) -> EmailAddress {
        guard let address = EmailAddress(text) else { preconditionFailure("not an address: \(text)") }
        return address
    }

    static func message(
        _ number: Int, to recipients: [String] = ["reader@example.net"], from sender: String = "writer@example.org",
        at time: Timestamp = start,
        dueAt: Timestamp? = nil, state: RecipientState = .queued, lease: Lease? = nil,
        content: [UInt8] = Array("Subject: x\r\n\r\nx\r\n".utf8),
        tenant: TenantID = .standard
    ) -> NewMessage {
        let record = MessageRecord(
            tenant: tenant, id: id(number, at: time), receivedAt: time, trafficClass: .application, sender: sender,
            principal: "account:\(sender)", reversePath: .address(address(sender)), envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: false, headerFrom: "Writer <\(sender)>", subject: "Number \(number)",
            headerMessageID: "m\(number)@example.org", sizeBytes: content.count, clientAddress: IPAddress("192.0.2.7"),
            clientName: "client.example.org", submissionTLS: "TLSv1.3", pool: .normal, onlyRoute: nil, findings: [],
            expiresAt: time + .seconds(432_000), warnAt: nil, recipientCount: recipients.count)
        let rows = recipients.enumerated().map { index, text in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(address(text)), isInternal: false, state: state, dueAt: dueAt ?? time)
        }
        return NewMessage(record: record, recipients: rows, content: content, lease: lease)
    }

    static func outcome(
        _ state: RecipientState, index: Int32 = 0, from old: RecipientState = .queued, attempts: Int = 1, dueAt: Timestamp = start
    ) -> Settlement.Outcome {
        let isGood = state == .delivered
        return Settlement.Outcome(
            index: index, oldState: old, newState: state, attempts: attempts, dueAt: dueAt, isWarned: false,
            reply: isGood
                ? SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Ok") : SMTPReply(state == .queued ? 451 : 550, nil, ["no", "twice no"]),
            stage: isGood ? nil : .recipient)
    }

    static func settlement(
        _ message: NewMessage, _ outcomes: [Settlement.Outcome], at time: Timestamp = start, notices: [NewMessage] = [], owner: Int64? = nil
    ) -> Settlement {
        Settlement(
            tenant: message.record.tenant, message: message.record.id, at: time, recipientCount: message.record.recipientCount,
            connection: ConnectionFacts(host: "mx.example.net", address: IPAddress("192.0.2.25"), port: 25, tlsVersion: "TLSv1.3"),
            route: "default", outcomes: outcomes, notices: notices, owner: owner)
    }

    static func refusal(_ number: Int, recipient: String = "reader@example.net", at time: Timestamp = start) -> Refusal {
        Refusal(
            tenant: .standard, id: id(number, at: time), at: time, principal: "account:writer@example.org",
            reversePath: "writer@example.org", recipient: recipient, subject: "", clientAddress: IPAddress("2001:db8::1"),
            reply: SMTPReply(550, EnhancedStatusCode(5, 7, 60), "not yours"),
            findings: [Finding(rule: "send-as.envelope", matched: "writer@example.org", explanation: "Ask the owner.")])
    }

    static func audit(_ action: String, at time: Timestamp = start) -> AuditEntry {
        AuditEntry(at: time, actor: "local:root", action: action, target: "t", reason: "because")
    }

    static func claim(owner: Int64, at now: Timestamp, limit: Int = 100) -> StoreWork {
        .claim(Claim(owner: owner, now: now, limit: limit))
    }

    static func act(_ verb: QueueVerb, _ filter: QueueFilter = QueueFilter(), at time: Timestamp = start) -> StoreWork {
        .act(QueueAct(verb: verb, filter: filter, audit: audit("queue.\(verb.rawValue)", at: time)))
    }
}

/// A small generator whose walks can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension Store {
    @discardableResult
    func commit(_ work: StoreWork) throws -> StoreWorkResult { try commit([work])[0] }

    /// What a claim took, as `message/index`; nil for another answer.
    func claim(owner: Int64, at now: Timestamp, limit: Int = 100) throws -> (ids: [RecipientID], nextDueAt: Timestamp?)? {
        guard case .claimed(let messages, let next) = try commit(Sample.claim(owner: owner, at: now, limit: limit)) else { return nil }
        let ids = messages.flatMap { message in
            message.recipients.map { RecipientID(tenant: message.record.tenant, message: message.record.id, index: $0.index) }
        }
        return (ids, next)
    }

    /// A run that begins, with what it found; nil for another answer.
    func register(_ owner: Int64, node: UInt8? = nil, name: String = "mail", at now: Timestamp = Sample.start, previous: Int64? = nil)
        throws
        -> RegisteredRun?
    {
        let run = NodeRun(owner: owner, node: node, name: name, at: now)
        guard case .registered(let registered) = try commit(.register(run, previous: previous)) else { return nil }
        return registered
    }

    /// An act is followed to its end.
    func affected(_ work: StoreWork) throws -> Int? {
        switch try commit(work) {
        case .affected(let count): return count
        case .acted(let count, let place):
            guard let place, case .act(var act) = work else { return count }
            act.place = place
            return try affected(.act(act)).map { $0 + count }
        default: return nil
        }
    }
}
