/// What is wrong with a message that could be read. Submission decides which of these refuse it.
package enum MessageDefect: Hashable, Sendable, CustomStringConvertible {
    case missingFrom
    /// `text`: why, and the field's value.
    case unreadableFrom(text: String)
    /// A From field without any address: an empty group.
    case fromWithoutAddress
    case unreadableSender(text: String)
    /// From has several addresses, and no Sender says who of them it was (RFC 5322 §3.6.2).
    case missingSender
    /// A field that may stand once stands more often (RFC 5322 §3.6). `name` in lower case.
    case repeatedField(name: String, count: Int)
    /// A control character other than a tab in a field that people are shown. `name` in lower case.
    case controlCharacter(name: String)
    /// Octets above 127 that are not UTF-8, which no version of the standard allows in a header.
    case headerNotUTF8

    /// One plain clause for a reply.
    package var description: String {
        switch self {
        case .missingFrom: "the message has no From field"
        case .unreadableFrom(let text): "the From field cannot be read (\(text))"
        case .fromWithoutAddress: "the From field names no address"
        case .unreadableSender(let text): "the Sender field cannot be read (\(text))"
        case .missingSender: "the From field has several addresses and there is no Sender field"
        case .repeatedField(let name, let count): "the field \(name) stands \(count) times, it may stand once"
        case .controlCharacter(let name): "the field \(name) holds a control character"
        case .headerNotUTF8: "the header holds 8-bit text that is not UTF-8"
        }
    }

    /// The rule's name in findings.
    package var rule: String {
        switch self {
        case .missingFrom: "message.from-missing"
        case .unreadableFrom: "message.from-unreadable"
        case .fromWithoutAddress: "message.from-empty"
        case .unreadableSender: "message.sender-unreadable"
        case .missingSender: "message.sender-missing"
        case .repeatedField: "message.repeated-field"
        case .controlCharacter: "message.control-character"
        case .headerNotUTF8: "message.header-8bit"
        }
    }

    /// True for the fields that say who wrote the message: two readers could believe two different people.
    package var concernsAuthor: Bool {
        switch self {
        case .missingFrom, .unreadableFrom, .fromWithoutAddress, .unreadableSender, .missingSender: true
        case .repeatedField(let name, _), .controlCharacter(let name): name == "from" || name == "sender"
        case .headerNotUTF8: false
        }
    }
}
