/// The commands that the server knows, those it refuses by name included.
enum SMTPVerb: String, Sendable {
    case helo = "HELO"
    case ehlo = "EHLO"
    case mail = "MAIL"
    case rcpt = "RCPT"
    case data = "DATA"
    case bdat = "BDAT"
    case rset = "RSET"
    case noop = "NOOP"
    case help = "HELP"
    case vrfy = "VRFY"
    case expn = "EXPN"
    case quit = "QUIT"
    case startTLS = "STARTTLS"
    case auth = "AUTH"
    case etrn = "ETRN"
    case turn = "TURN"
    case burl = "BURL"

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
    /// Upper case; what was there where it is no command that we know.
    let name: String
    /// Nil for an unknown command.
    let verb: SMTPVerb?
    /// What follows the first space, trailing spaces dropped (RFC 5321 §4.1.1 asks servers to tolerate them).
    let argument: ArraySlice<UInt8>

    /// `line`: without CRLF.
    init(_ line: [UInt8]) {
        var end = line.count
        while end > 0, line[end - 1] == ASCII.space { end -= 1 }
        let text = line[..<end]
        let word = text.prefix { $0 != ASCII.space }
        name = String(decoding: word.prefix(40).lazy.map(ASCII.uppercased), as: UTF8.self)
        verb = word.count <= 8 ? SMTPVerb(rawValue: name) : nil
        argument = text.dropFirst(word.count + 1)
    }

    /// HTTP spoken to a mail port: a browser or a proxy made to send mail (cross-protocol request forgery).
    var isHTTP: Bool { ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"].contains(name) }
}
