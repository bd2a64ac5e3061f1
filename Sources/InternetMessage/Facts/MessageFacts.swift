package import MailModel

/// Everything about a content that submission decides on, from one walk over its header.
package struct MessageFacts: Hashable, Sendable {
    /// Every address of every From field, in order. Empty where none could be read; `defects` then says why.
    package var from: [EmailAddress] = []
    package var hasFrom = false
    /// Nil where there is no Sender field or it could not be read.
    package var sender: EmailAddress?
    /// Decoded, on one line, at most 500 characters; empty where there is none.
    package var subject = ""
    /// Without angle brackets, at most 500 characters; empty where there is none.
    package var messageID = ""
    /// True where a field `TLS-Required: No` asks for delivery whatever TLS policies say (RFC 8689 §5).
    package var waivesTLS = false
    /// The identifier of List-Id (RFC 2919), in lower case and without angle brackets; nil where there is none.
    package var listID: String?
    /// Of all such fields, at most `listIDsMax`.
    package var listIDs: [String] = []
    /// Auto-Submitted is there and not `no` (RFC 3834 §5).
    package var isAutomatic = false
    /// Of Precedence, in lower case, at most 40 characters; empty where there is none.
    package var precedence = ""
    package var hasDate = false
    package var hasMessageID = false
    /// Received fields: how many hosts it has passed.
    package var receivedCount = 0
    /// The first From field as text for people, at most 500 characters; empty where there is none.
    package var headerFromText = ""
    /// A rule or a mailbox has sent on what came for somebody else.
    package var isForwarded = false
    package var hasEightBitHeader = false
    package var hasEightBitBody = false
    package var defects: [MessageDefect] = []

    package init() {}

    package static let listIDsMax = 20

    /// `header` is the result of scanning `content`.
    package static func read(_ content: [UInt8], header: HeaderSection) -> MessageFacts {
        var reader = Reader(content: content)
        for field in header.fields { reader.read(field) }
        reader.conclude()
        reader.facts.hasEightBitHeader = ByteScan.hasEightBit(content, in: 0..<header.bodyStart)
        reader.facts.hasEightBitBody = ByteScan.hasEightBit(content, in: header.bodyStart..<content.count)
        if reader.facts.hasEightBitHeader, String(validating: content[..<header.bodyStart], as: UTF8.self) == nil {
            reader.facts.defects.append(.headerNotUTF8)
        }
        return reader.facts
    }
}

/// The fields of RFC 5322 §3.6 that may stand once.
private let singleFields = [
    "from", "sender", "date", "message-id", "subject", "to", "cc", "bcc", "reply-to", "in-reply-to", "references",
]

/// `in-reply-to`.
private let singleFieldNameBytesMax = 11

private struct Reader {
    let content: [UInt8]
    var facts = MessageFacts()
    /// How often each of `singleFields` was seen, in their order.
    var counts = [Int](repeating: 0, count: singleFields.count)

    init(content: [UInt8]) { self.content = content }

    mutating func read(_ field: HeaderField) {
        if field.isNamed("received", in: content) {
            facts.receivedCount += 1
            return
        }
        if field.name.count == 12, field.isNamed("tls-required", in: content) {
            facts.waivesTLS = field.text(in: content).lowercased() == "no"
        }
        readListMark(field)
        if !facts.isForwarded { facts.isForwarded = isForwarding(field) }
        guard field.name.count <= singleFieldNameBytesMax,
            let index = singleFields.firstIndex(where: { field.isNamed($0, in: content) })
        else { return }
        counts[index] += 1
        if hasControlCharacter(field) { facts.defects.append(.controlCharacter(name: singleFields[index])) }
        switch singleFields[index] {
        case "from": readFrom(field)
        case "sender": readSender(field)
        case "date": facts.hasDate = facts.hasDate || !isBlank(field)
        case "subject" where facts.subject.isEmpty: facts.subject = field.text(in: content)
        case "message-id" where facts.messageID.isEmpty: readMessageID(field)
        default: break
        }
    }

    /// What tells that a list or a program has had it.
    private mutating func readListMark(_ field: HeaderField) {
        switch field.name.count {
        case 7 where facts.listIDs.count < MessageFacts.listIDsMax && field.isNamed("list-id", in: content): readListID(field)
        case 10 where field.isNamed("precedence", in: content):
            facts.precedence = field.text(in: content, charactersMax: 40).lowercased()
        case 14 where field.isNamed("auto-submitted", in: content):
            facts.isAutomatic = facts.isAutomatic || field.text(in: content, charactersMax: 40).lowercased() != "no"
        default: break
        }
    }

    /// Exchange's mark of a forwarding rule, the marks that Google and others set, and RFC 3834's word for it.
    private func isForwarding(_ field: HeaderField) -> Bool {
        switch field.name.count {
        case 14:
            field.isNamed("x-forwarded-to", in: content)
                || (field.isNamed("auto-submitted", in: content) && field.text(in: content).lowercased().hasPrefix("auto-forwarded"))
        case 15: field.isNamed("x-forwarded-for", in: content)
        case 30: field.isNamed("x-ms-exchange-inbox-rules-loop", in: content)
        default: false
        }
    }

    mutating func conclude() {
        if !facts.hasFrom { facts.defects.append(.missingFrom) }
        for (name, count) in zip(singleFields, counts) where count > 1 {
            facts.defects.append(.repeatedField(name: name, count: count))
        }
        if facts.from.count > 1, counts[1] == 0 { facts.defects.append(.missingSender) }
    }

    private mutating func readFrom(_ field: HeaderField) {
        if !facts.hasFrom { facts.headerFromText = field.text(in: content) }
        facts.hasFrom = true
        switch AddressList.parse(content, in: field.value) {
        case .success(let addresses):
            if addresses.isEmpty { facts.defects.append(.fromWithoutAddress) }
            facts.from += addresses
        case .failure(let failure): facts.defects.append(.unreadableFrom(text: failure.description))
        }
    }

    private mutating func readSender(_ field: HeaderField) {
        switch AddressList.parse(content, in: field.value) {
        case .success(let addresses) where addresses.count == 1: facts.sender = addresses[0]
        case .success:
            facts.defects.append(.unreadableSender(text: "it must be one address: " + field.text(in: content, charactersMax: 100)))
        case .failure(let failure): facts.defects.append(.unreadableSender(text: failure.description))
        }
    }

    private mutating func readMessageID(_ field: HeaderField) {
        var inner = field.value
        if let open = content[inner].firstIndex(of: 0x3C), let close = content[open..<inner.upperBound].firstIndex(of: 0x3E) {
            inner = (open + 1)..<close
        }
        facts.messageID = FieldText.readable(content, inner)
        facts.hasMessageID = !facts.messageID.isEmpty
    }

    /// The last angle brackets: the words before them may hold some. What is longer than RFC 2919 allows is none.
    private mutating func readListID(_ field: HeaderField) {
        guard let close = content[field.value].lastIndex(of: 0x3E),
            let open = content[field.value.lowerBound..<close].lastIndex(of: 0x3C)
        else { return }
        let inner = content[(open + 1)..<close]
        guard (1...255).contains(inner.count), inner.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return }
        let id = String(decoding: inner, as: UTF8.self).lowercased()
        facts.listID = facts.listID ?? id
        facts.listIDs.append(id)
    }

    private func isBlank(_ field: HeaderField) -> Bool { content[field.value].allSatisfy(\.isFoldingWhitespace) }

    private func hasControlCharacter(_ field: HeaderField) -> Bool {
        content[field.value].contains { $0.isControl && !$0.isFoldingWhitespace }
    }
}
