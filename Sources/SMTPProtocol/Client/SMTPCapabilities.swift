import MailModel

/// What a server offers in its answer to EHLO.
package struct SMTPCapabilities: Hashable, Sendable {
    package var pipelining = false
    /// The largest message in octets (RFC 1870); 0: announced without a limit; nil: not announced.
    package var size: Int?
    package var eightBitMIME = false
    package var smtpUTF8 = false
    package var chunking = false
    package var binaryMIME = false
    package var dsn = false
    package var enhancedStatusCodes = false
    package var startTLS = false
    package var requireTLS = false
    /// Upper case.
    package var authMechanisms: Set<String> = []
    /// Recipients of one message (RCPTMAX of RFC 9422); nil where not announced.
    package var recipientsMax: Int?

    /// Nothing offered: a server that knows only HELO.
    package init() {}

    /// Reads the reply to EHLO; lines that we do not know are passed over.
    init(ehlo reply: SMTPReply) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ").map { String(decoding: $0.utf8.lazy.map(ASCII.uppercased), as: UTF8.self) }
            guard let keyword = words.first else { continue }
            take(keyword, words.dropFirst())
        }
    }

    private mutating func take(_ keyword: String, _ values: ArraySlice<String>) {
        switch keyword {
        case "PIPELINING": pipelining = true
        case "SIZE": size = values.first.flatMap { Int($0) }.map { max($0, 0) } ?? 0
        case "8BITMIME": eightBitMIME = true
        case "SMTPUTF8": smtpUTF8 = true
        case "CHUNKING": chunking = true
        case "BINARYMIME": binaryMIME = true
        case "DSN": dsn = true
        case "ENHANCEDSTATUSCODES": enhancedStatusCodes = true
        case "STARTTLS": startTLS = true
        case "REQUIRETLS": requireTLS = true
        case "AUTH": authMechanisms.formUnion(values)
        case "LIMITS":
            for value in values where value.hasPrefix("RCPTMAX=") {
                recipientsMax = Int(value.dropFirst(8)).flatMap { $0 > 0 ? $0 : nil }
            }
        default:
            // `AUTH=LOGIN`, as old servers write it.
            guard keyword.hasPrefix("AUTH=") else { return }
            authMechanisms.insert(String(keyword.dropFirst(5)))
            authMechanisms.formUnion(values)
        }
    }
}
