import MailModel
import SMTPProtocol
import Testing

/// A server dialogue as a readable file. One step a line:
///
/// - `# …` a remark.
/// - `set KEY VALUE`: a setting, before the first step: `encrypted`, `starttls`, `auth`, `future-release SECONDS`,
///   `recipients N`, `message-bytes N`, `line-bytes N`, `command-bytes N`, `bad-commands N`.
/// - `on QUESTION REPLY`: from here on `mail`, `rcpt ADDRESS`, `data`, `message` or `auth` is answered so. `on message wait`
///   leaves the question open until `answer REPLY`.
/// - `C: text` sends a line with CRLF; `C> text` sends the octets alone, with `\r \n \0 \t \\ \xHH`. Steps of C that follow each
///   other are one write.
/// - `S: pattern` a line that the server must answer, in order, `*` for anything. All lines must be named.
/// - `A: action` what else the server asked for since the last C: `mail <a@b> SIZE=3`, `rcpt <c@d>`, `data`, `starttls`, `close` …
/// - `tls` the handshake is done.
struct Dialogue: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case write([UInt8])
        case answer(SMTPReply)
        case handshake
        case on(String, SMTPReply?)
        case expect(replies: [String], actions: [String])
    }

    let name: String
    var settings = SMTPServerSettings(hostName: "gate.example.org")
    var isEncrypted = false
    var steps: [Step] = []

    var testDescription: String { name }

    struct Malformed: Error { var line: String }

    init(name: String, text: String) throws {
        self.name = name
        var replies: [String] = []
        var actions: [String] = []
        var hasExpectation = true
        func flush(_ steps: inout [Step]) {
            if hasExpectation { steps.append(.expect(replies: replies, actions: actions)) }
            (replies, actions, hasExpectation) = ([], [], false)
        }
        for line in text.split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
            if line.hasPrefix("S: ") {
                replies.append(String(line.dropFirst(3)))
                hasExpectation = true
            } else if line.hasPrefix("A: ") {
                actions.append(String(line.dropFirst(3)))
                hasExpectation = true
            } else if line.hasPrefix("set ") {
                try set(line.split(separator: " ").map(String.init))
            } else {
                if !line.hasPrefix("C") || hasExpectation { flush(&steps) }
                try add(line)
                if !line.hasPrefix("C") { hasExpectation = !line.hasPrefix("on ") }
            }
        }
        steps.append(.expect(replies: replies, actions: actions))
    }

    private mutating func set(_ words: [String]) throws {
        let number = words.count > 2 ? Int(words[2]) ?? 0 : 0
        switch words[1] {
        case "encrypted": isEncrypted = true
        case "starttls": settings.offersStartTLS = true
        case "auth": settings.offersAuth = true
        case "future-release": settings.futureReleaseMax = .seconds(number)
        case "recipients": settings.limits.recipientsMax = number
        case "message-bytes": settings.limits.messageBytesMax = number
        case "line-bytes": settings.limits.textLineBytesMax = number
        case "command-bytes": settings.limits.commandLineBytesMax = number
        case "bad-commands": settings.limits.badCommandsMax = number
        default: throw Malformed(line: words.joined(separator: " "))
        }
    }

    private mutating func add(_ line: String) throws {
        if line.hasPrefix("C: ") || line == "C:" {
            append(Dialogue.unescaped(String(line.dropFirst(3))) + [13, 10])
        } else if line.hasPrefix("C> ") {
            append(Dialogue.unescaped(String(line.dropFirst(3))))
        } else if line == "tls" {
            steps.append(.handshake)
        } else if line.hasPrefix("answer "), let reply = Dialogue.reply(line.dropFirst(7)) {
            steps.append(.answer(reply))
        } else if line.hasPrefix("on ") {
            let words = line.split(separator: " ")
            guard let start = words.firstIndex(where: { $0 == "wait" || $0.first?.isNumber == true }) else { throw Malformed(line: line) }
            let question = words[1..<start].joined(separator: " ")
            steps.append(.on(question, Dialogue.reply(words[start...].joined(separator: " ")[...])))
        } else {
            throw Malformed(line: line)
        }
    }

    private mutating func append(_ bytes: [UInt8]) {
        if case .write(let before)? = steps.last {
            steps[steps.count - 1] = .write(before + bytes)
        } else {
            steps.append(.write(bytes))
        }
    }

    /// `250 2.0.0 text`; nil for `wait`.
    static func reply(_ text: Substring) -> SMTPReply? {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard let code = words.first.flatMap({ Int($0) }) else { return nil }
        return SMTPReply(code, words.count > 1 ? EnhancedStatusCode(words[1]) : nil, words.count > 2 ? words[2] : "")
    }

    static func unescaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = Array(text.utf8).makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "\\"), let escape = iterator.next() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "x"):
                let digits = [iterator.next(), iterator.next()].compactMap { $0 }
                bytes.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0x3F)
            default: bytes.append(escape)
            }
        }
        return bytes
    }
}

/// True where `text` is what `pattern` says, `*` standing for any run of characters.
func matches(_ text: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return text == pattern }
    guard text.hasPrefix(parts[0]) else { return false }
    var rest = text.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
        guard let found = rest.firstRange(of: part) else { return false }
        rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
}
