import DeliveryPlanning
import MailModel

/// What one commit did, in octets, for those who make figures and words of it: written with the commit, read and dropped a moment later.
///
/// A few copies for each message are all that the commit pays for it.
struct TraceJournal {
    private(set) var octets: [UInt8] = []

    static let subjectBytesMax = 400
    static let replyBytesMax = 300
    static let nameBytesMax = 320
    private static let noCount: UInt8 = 255

    mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

    mutating func accepted(_ message: NewMessage) {
        let record = message.record
        begin(.accepted, record.tenant, record.id, record.receivedAt)
        put(record.sender, max: TraceJournal.nameBytesMax)
        put(record.reversePath.description, max: TraceJournal.nameBytesMax)
        put(record.subject, max: TraceJournal.subjectBytesMax)
        put(record.headerMessageID, max: TraceJournal.nameBytesMax)
        put(UInt64(message.recipients.count))
        var last: MailHost?
        for recipient in message.recipients {
            let host = recipient.recipient.address.host
            // Empty: the same as before.
            put(host == last ? "" : host.description, max: TraceJournal.nameBytesMax)
            octets.append(UInt8(recipient.state.rawValue))
            last = host
        }
    }

    /// An attempt ended, or somebody acted on the recipient. `count`: nil for what is not counted.
    mutating func changed(
        _ id: RecipientID, at time: Timestamp, from old: RecipientState, to new: RecipientState, count: TrafficCount?, reply: SMTPReply?
    ) {
        // A retry of what waits tells nothing.
        guard count != nil || old != new || reply != nil else { return }
        begin(.changed, id.tenant, id.message, time)
        put(UInt64(id.index))
        octets.append(UInt8(old.rawValue))
        octets.append(UInt8(new.rawValue))
        octets.append(count?.number ?? TraceJournal.noCount)
        put(reply.map(RowText.text) ?? "", max: TraceJournal.replyBytesMax)
    }

    mutating func refused(_ refusal: Refusal) {
        begin(.refused, refusal.tenant, refusal.id, refusal.at)
        put(TraceRow.sender(ofPrincipal: refusal.principal), max: TraceJournal.nameBytesMax)
        put(refusal.reversePath, max: TraceJournal.nameBytesMax)
        put(refusal.recipient, max: TraceJournal.nameBytesMax)
        put(refusal.subject, max: TraceJournal.subjectBytesMax)
        put(RowText.text(refusal.reply), max: TraceJournal.replyBytesMax)
    }

    // MARK: Octets

    fileprivate enum Kind: UInt8 {
        case accepted = 1
        case changed, refused
    }

    private mutating func begin(_ kind: Kind, _ tenant: TenantID, _ message: MessageID, _ time: Timestamp) {
        octets.append(kind.rawValue)
        put(UInt64(bitPattern: Int64(tenant.value)))
        put(UInt64(bitPattern: message.value))
        put(UInt64(bitPattern: time.milliseconds))
    }

    private mutating func put(_ number: UInt64) { octets.append(varint: number) }

    private mutating func put(_ text: String, max: Int) {
        var text = text
        text.withUTF8 { bytes in
            let part = bytes.prefix(max)
            octets.append(varint: UInt64(part.count))
            octets.append(contentsOf: part)
        }
    }
}

/// One entry of a journal.
enum TraceJournalEntry: Equatable {
    struct Head: Equatable {
        var tenant: TenantID
        var message: MessageID
        var at: Timestamp
    }

    struct Recipient: Equatable {
        var destination: String
        var state: RecipientState
    }

    case accepted(Head, sender: String, reversePath: String, subject: String, headerMessageID: String, [Recipient])
    case changed(Head, index: Int32, from: RecipientState, to: RecipientState, count: TrafficCount?, reply: String)
    case refused(Head, sender: String, reversePath: String, recipient: String, subject: String, reply: String)

    /// Throws `corrupt` for what `TraceJournal` does not write.
    static func read(_ octets: UnsafeRawBufferPointer) throws -> [TraceJournalEntry] {
        var reader = Reader(octets: octets)
        var entries: [TraceJournalEntry] = []
        while !reader.isAtEnd { entries.append(try reader.entry()) }
        return entries
    }

    private struct Reader {
        let octets: UnsafeRawBufferPointer
        var place = 0

        var isAtEnd: Bool { place == octets.count }

        mutating func entry() throws -> TraceJournalEntry {
            let kind = try octet()
            let head = Head(
                tenant: TenantID(Int32(truncatingIfNeeded: Int64(bitPattern: try number()))),
                message: MessageID(Int64(bitPattern: try number())), at: Timestamp(milliseconds: Int64(bitPattern: try number())))
            switch TraceJournal.Kind(rawValue: kind) {
            case .accepted:
                return .accepted(
                    head, sender: try text(), reversePath: try text(), subject: try text(), headerMessageID: try text(), try recipients())
            case .changed:
                let index = Int32(truncatingIfNeeded: try number())
                return .changed(head, index: index, from: try state(), to: try state(), count: try count(), reply: try text())
            case .refused:
                return .refused(
                    head, sender: try text(), reversePath: try text(), recipient: try text(), subject: try text(), reply: try text())
            case nil: throw Reader.damaged
            }
        }

        private static var damaged: StoreError { .corrupt("not a journal of the trace") }

        private mutating func octet() throws -> UInt8 {
            guard place < octets.count else { throw Reader.damaged }
            defer { place += 1 }
            return octets[place]
        }

        private mutating func number() throws -> UInt64 {
            guard let number = octets.readVarint(&place) else { throw Reader.damaged }
            return number
        }

        private mutating func text() throws -> String {
            let count = try number()
            guard count <= UInt64(octets.count - place) else { throw Reader.damaged }
            defer { place += Int(count) }
            return String(decoding: octets[place..<place + Int(count)], as: UTF8.self)
        }

        private mutating func state() throws -> RecipientState { try RowText.state(Int(try octet())) }

        private mutating func count() throws -> TrafficCount? {
            let number = Int(try octet())
            return number < TrafficCount.allCases.count ? TrafficCount.allCases[number] : nil
        }

        private mutating func recipients() throws -> [Recipient] {
            let count = try number()
            guard count <= UInt64(octets.count - place) else { throw Reader.damaged }
            var recipients: [Recipient] = []
            recipients.reserveCapacity(Int(count))
            for _ in 0..<count {
                let name = try text()
                recipients.append(Recipient(destination: name.isEmpty ? recipients.last?.destination ?? "" : name, state: try state()))
            }
            return recipients
        }
    }
}

extension [UInt8] {
    /// LEB128.
    mutating func append(varint number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

extension UnsafeRawBufferPointer {
    /// Nil where no number is there.
    func readVarint(_ place: inout Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < count, shift < 64 {
            let octet = self[place]
            place += 1
            number |= UInt64(octet & 0x7F) << shift
            if octet < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}
