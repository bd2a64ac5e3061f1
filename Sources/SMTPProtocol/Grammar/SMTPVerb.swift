/// The commands that the server knows, those it refuses by name included.
enum SMTPVerb: String, CaseIterable, Sendable {
    case ehlo = "EHLO"
    case helo = "HELO"
    case mail = "MAIL"
    case rcpt = "RCPT"
    case data = "DATA"
    case quit = "QUIT"
    case bdat = "BDAT"
    case rset = "RSET"
    case noop = "NOOP"
    case help = "HELP"
    case vrfy = "VRFY"
    case expn = "EXPN"
    case startTLS = "STARTTLS"
    case auth = "AUTH"
    case etrn = "ETRN"
    case turn = "TURN"
    case burl = "BURL"

    /// `word`: in any case. Nil for an unknown command.
    init?(_ word: ArraySlice<UInt8>) {
        guard let key = SMTPVerb.key(word), let verb = SMTPVerb.byKey.first(where: { $0.key == key })?.verb else { return nil }
        self = verb
    }

    /// Up to eight octets as one number, so that a command is found without making a string of it.
    private static func key(_ word: some Collection<UInt8>) -> UInt64? {
        guard word.count <= 8 else { return nil }
        var key: UInt64 = 0
        for byte in word {
            guard byte != ASCII.null else { return nil }
            key = key << 8 | UInt64(ASCII.uppercased(byte))
        }
        return key
    }

    /// The usual ones first.
    private static let byKey = allCases.compactMap { verb in key(verb.rawValue.utf8).map { (key: $0, verb: verb) } }

    /// Commands that take no argument (RFC 5321 §4.1.1, RFC 3207 §4).
    var takesNoArgument: Bool {
        switch self {
        case .data, .rset, .quit, .startTLS: true
        case .helo, .ehlo, .mail, .rcpt, .bdat, .noop, .help, .vrfy, .expn, .auth, .etrn, .turn, .burl: false
        }
    }
}

/// One command line, cut into its verb and the rest.
struct SMTPCommandLine: Sendable {
    private let word: ArraySlice<UInt8>
    /// Nil for an unknown command.
    let verb: SMTPVerb?
    /// What follows the first space, trailing spaces dropped (RFC 5321 §4.1.1 asks servers to tolerate them).
    let argument: ArraySlice<UInt8>

    /// `line`: without CRLF.
    init(_ line: [UInt8]) {
        var end = line.count
        while end > 0, line[end - 1] == ASCII.space { end -= 1 }
        let text = line[..<end]
        word = text.prefix { $0 != ASCII.space }
        verb = SMTPVerb(word)
        argument = text.dropFirst(word.count + 1)
    }

    /// Upper case, at most 40 octets of it.
    var name: String { String(decoding: word.prefix(40).lazy.map(ASCII.uppercased), as: UTF8.self) }

    /// HTTP spoken to a mail port: a browser or a proxy made to send mail (cross-protocol request forgery).
    var isHTTP: Bool { ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"].contains(name) }
}
