/// Why a header cannot be read without two readers coming to different results.
package enum HeaderDefect: Error, Hashable, Sendable, CustomStringConvertible {
    /// `line` counts from 1; `text` is its begin, made printable.
    case lineWithoutColon(line: Int, text: String)
    /// A name that is empty, or holds a space, a control character or an octet above 126 (RFC 5322 §3.6.8).
    case badFieldName(line: Int, text: String)
    /// The first line begins with a space, so it continues nothing.
    case leadingContinuation
    case tooManyFields(max: Int)
    case tooLarge(bytesMax: Int)

    /// One plain clause for a reply.
    package var description: String {
        switch self {
        case .lineWithoutColon(let line, let text): "line \(line) of the header has no colon: \(text)"
        case .badFieldName(let line, let text): "line \(line) of the header has a bad field name: \(text)"
        case .leadingContinuation: "the first line of the header begins with a space"
        case .tooManyFields(let max): "the header has more than \(max) fields"
        case .tooLarge(let bytesMax): "the header is larger than \(bytesMax) octets"
        }
    }

    /// The rule's name in findings.
    package var rule: String {
        switch self {
        case .lineWithoutColon: "message.header-line"
        case .badFieldName: "message.field-name"
        case .leadingContinuation: "message.leading-continuation"
        case .tooManyFields: "message.header-fields"
        case .tooLarge: "message.header-size"
        }
    }
}
