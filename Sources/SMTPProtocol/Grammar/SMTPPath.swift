import MailModel

/// Reads the path of MAIL and RCPT (RFC 5321 §4.1.2): `<…>`, with what follows it.
struct SMTPPath: Sendable {
    /// Between the angle brackets, a source route dropped (RFC 5321 §3.3, appendix C).
    let mailbox: ArraySlice<UInt8>
    /// After the closing bracket, without leading spaces.
    let rest: ArraySlice<UInt8>

    /// RFC 5321 §4.5.3.1.3, brackets included.
    static let bytesMax = 256

    enum Problem: Error, Equatable {
        /// Neither `FROM:` nor `TO:` as it should be.
        case keyword
        case brackets
        case tooLong
        case sourceRoute
        /// Something other than a space after the closing bracket.
        case trailing
    }

    /// `argument`: what follows `MAIL ` or `RCPT `; `keyword`: `FROM:` or `TO:`.
    ///
    /// One space after the colon is taken, since many programs send it; more than that is refused.
    static func read(_ argument: ArraySlice<UInt8>, keyword: String) -> Result<SMTPPath, Problem> {
        guard argument.count >= keyword.utf8.count,
            zip(argument, keyword.utf8).allSatisfy({ ASCII.uppercased($0) == $1 })
        else { return .failure(.keyword) }
        var text = argument.dropFirst(keyword.utf8.count)
        if text.first == ASCII.space { text = text.dropFirst() }
        guard text.first == ASCII.less, let end = closingBracket(text) else { return .failure(.brackets) }
        guard end - text.startIndex < bytesMax else { return .failure(.tooLong) }
        let after = text[(end + 1)...]
        guard after.isEmpty || after.first == ASCII.space else { return .failure(.trailing) }
        guard let mailbox = withoutSourceRoute(text[(text.startIndex + 1)..<end]) else { return .failure(.sourceRoute) }
        return .success(SMTPPath(mailbox: mailbox, rest: after.drop { $0 == ASCII.space }))
    }

    /// The first `>` that is not inside a quoted string.
    private static func closingBracket(_ text: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        var position = text.startIndex + 1
        while position < text.endIndex {
            switch text[position] {
            case ASCII.quote: isQuoted.toggle()
            case ASCII.backslash where isQuoted: position += 1
            case ASCII.greater where !isQuoted: return position
            case ASCII.space where !isQuoted, ASCII.less where !isQuoted: return nil
            default: break
            }
            position += 1
        }
        return nil
    }

    /// Drops `@one,@two:`; nil where the route is broken.
    private static func withoutSourceRoute(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard path.first == ASCII.at else { return path }
        guard let colon = path.firstIndex(of: ASCII.colon) else { return nil }
        let hosts = path[..<colon].split(separator: 0x2C, omittingEmptySubsequences: false)
        for host in hosts {
            guard host.first == ASCII.at, let name = String(validating: host.dropFirst(), as: UTF8.self), MailHost(name) != nil else {
                return nil
            }
        }
        return path[(colon + 1)...]
    }

    /// The mailbox as an address; nil where it is none.
    var address: EmailAddress? {
        EmailAddress(octets: Array(mailbox))
    }
}
