import MailModel

/// A message that a twin took, or a report that it wrote.
struct TwinMessage: Sendable {
    var id: String
    /// Empty for a report.
    var sender: String
    var recipients: [EmailAddress]
    var subject: String
    var acceptedAt: Timestamp
    var leavesAt: Timestamp
    /// `normal`, `relay`, `high-risk`, `inbox`, `junk`, …
    var place: String
    var content: [UInt8]
}

/// The newest messages, bounded by number and octets.
struct TwinMailbag: Sendable {
    static let messagesMax = 2000
    static let bytesMax = 64 << 20

    private(set) var messages: [TwinMessage] = []
    private var bytes = 0

    mutating func add(_ message: TwinMessage) {
        messages.append(message)
        bytes += message.content.count
        var dropped = 0
        while dropped < messages.count, messages.count - dropped > TwinMailbag.messagesMax || bytes > TwinMailbag.bytesMax {
            bytes -= messages[dropped].content.count
            dropped += 1
        }
        if dropped > 0 { messages.removeFirst(dropped) }
    }

    mutating func removeAll() {
        messages = []
        bytes = 0
    }
}
