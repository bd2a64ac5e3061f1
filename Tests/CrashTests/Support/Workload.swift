import DeliveryPlanning
import MailModel
import OutboundPolicy

@testable import Storage

/// Commits as a gate makes them, drawn by a seed, and what must be found again after each.
struct Workload {
    struct Kept {
        var commit: Int
        var message: NewMessage
    }

    struct Ended {
        var commit: Int
        var recipient: RecipientID
        var state: RecipientState
    }

    /// The works of each commit, in order.
    private(set) var commits: [[StoreWork]] = []
    /// Accepted messages that no purge takes away.
    private(set) var kept: [Kept] = []
    /// Final states that no purge takes away.
    private(set) var ended: [Ended] = []

    private var random: SplitMix64
    private var number = 0
    /// Recipients that nobody has settled, by message.
    private var open: [(message: NewMessage, indices: [Int32])] = []

    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    /// Old enough for the purge.
    static let past = start - .seconds(30 * 86_400)
    static let owner: Int64 = 4711

    init(seed: UInt64, commitCount: Int) {
        random = SplitMix64(seed: seed)
        // One that is purged on the way.
        let old = Workload.message(number: 0, at: Workload.past, recipients: 2, content: [UInt8](repeating: 0x6F, count: 3000), lease: nil)
        commits.append([.accept(old), .register(NodeRun(owner: Workload.owner, node: 1, name: "mail", at: Workload.start), previous: nil)])
        commits.append([.settle(Workload.settlement(old, [(0, .delivered), (1, .bounced)], notices: []))])
        for _ in 2..<max(commitCount, 3) { commits.append(works(commit: commits.count)) }
    }

    private mutating func works(commit: Int) -> [StoreWork] {
        var works: [StoreWork] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let message = fresh()
            works.append(.accept(message))
            kept.append(Kept(commit: commit, message: message))
        }
        if Bool.random(using: &random), let work = settle(commit) { works.append(work) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: works.append(.claim(Claim(owner: Workload.owner, now: Workload.start, limit: 2)))
        case 1: works += held(commit)
        case 2: works.append(.audit(audit("note")))
        case 3:
            let value = "{\"scope\":\"sender:p\(commit)@example.org\"}"
            works.append(.change(DirectoryChange(kind: .pause, name: "p\(commit)", value: value, audit: audit("pause.add"))))
        case 4: works.append(.purge(before: Workload.past.day + 1, limit: 10))
        default: break
        }
        return works
    }

    private mutating func fresh() -> NewMessage {
        number += 1
        let isLarge = Int.random(in: 0..<6, using: &random) == 0
        let count = isLarge ? Int.random(in: 20_000...40_000, using: &random) : Int.random(in: 100...6000, using: &random)
        let content = (0..<count).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
        let lease = Bool.random(using: &random) ? Lease(owner: Workload.owner) : nil
        let message = Workload.message(
            number: number, at: Workload.start, recipients: Int.random(in: 1...3, using: &random), content: content, lease: lease)
        open.append((message, message.recipients.map(\.index)))
        return message
    }

    /// A message of this commit that a person holds; it is left alone from then on.
    private mutating func held(_ commit: Int) -> [StoreWork] {
        number += 1
        let message = Workload.message(
            number: number, at: Workload.start, recipients: 2, content: [UInt8](repeating: 0x68, count: 500), lease: nil)
        kept.append(Kept(commit: commit, message: message))
        var filter = QueueFilter()
        filter.message = message.record.id
        return [.accept(message), .act(QueueAct(verb: .hold, filter: filter, audit: audit("queue.hold")))]
    }

    private mutating func settle(_ commit: Int) -> StoreWork? {
        guard !open.isEmpty else { return nil }
        let place = Int.random(in: 0..<open.count, using: &random)
        let (message, indices) = open[place]
        var outcomes: [(Int32, RecipientState)] = []
        var left: [Int32] = []
        for index in indices {
            let state = [RecipientState.delivered, .delivered, .bounced, .queued][Int.random(in: 0..<4, using: &random)]
            outcomes.append((index, state))
            if state.isFinal {
                let id = RecipientID(tenant: message.record.tenant, message: message.record.id, index: index)
                ended.append(Ended(commit: commit, recipient: id, state: state))
            } else {
                left.append(index)
            }
        }
        if left.isEmpty { open.remove(at: place) } else { open[place].indices = left }
        var notices: [NewMessage] = []
        if outcomes.contains(where: { $0.1 == .bounced }) {
            number += 1
            let notice = Workload.message(
                number: number, at: Workload.start, recipients: 1, content: [UInt8](repeating: 0x6E, count: 900), lease: nil)
            notices.append(notice)
            kept.append(Kept(commit: commit, message: notice))
        }
        return .settle(Workload.settlement(message, outcomes, notices: notices))
    }

    private func audit(_ action: String) -> AuditEntry {
        AuditEntry(at: Workload.start, actor: "local:root", action: action, target: "t", reason: "because")
    }

    static func message(number: Int, at time: Timestamp, recipients: Int, content: [UInt8], lease: Lease?) -> NewMessage {
        let id = MessageID((time.milliseconds - MessageID.epoch.milliseconds) << 22 | 1 << 14 | Int64(number))
        let record = MessageRecord(
            tenant: .standard, id: id, receivedAt: time, trafficClass: .application, sender: "writer@example.org",
            principal: "account:writer@example.org", reversePath: .address(address("writer@example.org")), envelopeID: nil, dsnReturn: nil,
            body: .sevenBit, isInternationalized: false, headerFrom: "writer@example.org", subject: "Number \(number)",
            headerMessageID: "m\(number)@example.org", sizeBytes: content.count, clientAddress: nil, clientName: "client.example.org",
            submissionTLS: nil, pool: .normal, onlyRoute: nil, findings: [], expiresAt: time + .seconds(432_000), warnAt: nil,
            recipientCount: recipients)
        let rows = (0..<recipients).map { index in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(address("r\(index)-\(number)@example.net")), isInternal: false,
                state: .queued, dueAt: time)
        }
        return NewMessage(record: record, recipients: rows, content: content, lease: lease)
    }

    private static func address(_ text: String) -> EmailAddress {
        guard let address = EmailAddress(text) else { preconditionFailure("not an address: \(text)") }
        return address
    }

    private static func settlement(_ message: NewMessage, _ outcomes: [(Int32, RecipientState)], notices: [NewMessage]) -> Settlement {
        Settlement(
            tenant: message.record.tenant, message: message.record.id, at: start, recipientCount: message.record.recipientCount,
            connection: ConnectionFacts(host: "mx.example.net", address: nil, port: 25, tlsVersion: nil), route: "default",
            outcomes: outcomes.map { index, state in
                Settlement.Outcome(
                    index: index, oldState: .queued, newState: state, attempts: 1, dueAt: start + .seconds(300), isWarned: false,
                    reply: SMTPReply(state == .delivered ? 250 : state == .queued ? 451 : 550, nil, "so"),
                    stage: state == .delivered ? nil : .recipient)
            }, notices: notices)
    }
}
