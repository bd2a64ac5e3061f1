import MailModel

/// Messages that have a word, as a column holds them: in order, each by its distance from the one before.
enum TracePostings {
    static func octets(_ messages: Set<MessageID>) -> [UInt8] {
        var octets: [UInt8] = []
        var last: Int64 = 0
        for message in messages.sorted() {
            octets.append(varint: UInt64(bitPattern: message.value &- last))
            last = message.value
        }
        return octets
    }

    static func read(_ octets: UnsafeRawBufferPointer, _ body: (MessageID) -> Void) {
        var place = 0
        var last: Int64 = 0
        while let distance = octets.readVarint(&place) {
            last &+= Int64(bitPattern: distance)
            body(MessageID(last))
        }
    }
}
