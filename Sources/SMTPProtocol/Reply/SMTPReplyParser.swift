import MailModel

/// Reads replies of a server (RFC 5321 §4.2.1) out of bytes that come in any portions.
///
/// Whatever the server sends, at most `bufferedBytesMax` octets are held and each reply ends or fails within its limits.
struct SMTPReplyParser: Sendable {
    /// Octets of a line that are kept; the rest is dropped. RFC 5321 §4.5.3.1.5 allows 512, real servers write more.
    static let lineBytesKeptMax = 2048
    static let linesMax = 100
    /// Octets of one reply, line ends included.
    static let replyBytesMax = 65_536
    /// Octets that may wait to be read: the replies to one pipelined burst.
    static let bufferedBytesMax = 262_144

    enum Outcome: Equatable {
        case reply(SMTPReply)
        /// No whole reply is there yet.
        case incomplete
        /// Not SMTP, or past a limit: the session cannot go on. The text says why.
        case malformed(String)
    }

    private var buffer: [UInt8] = []
    private var position = 0
    private var hasOverflowed = false
    private var code: Int?
    private var lines: [String] = []
    private var replyBytes = 0

    /// True where bytes wait that belong to no reply returned so far.
    var hasUnread: Bool { position < buffer.count || !lines.isEmpty || hasOverflowed }

    /// True where the unread bytes begin with `text`.
    func unreadBegins(with text: String) -> Bool { lines.isEmpty && buffer[position...].starts(with: text.utf8) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !hasOverflowed else { return }
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            position = 0
        } else if position > 4096 {
            buffer.removeSubrange(..<position)
            position = 0
        }
        guard buffer.count - position + bytes.count <= SMTPReplyParser.bufferedBytesMax else {
            hasOverflowed = true
            return
        }
        buffer.append(contentsOf: bytes)
    }

    mutating func next() -> Outcome {
        while let line = takeLine() {
            switch take(line) {
            case .incomplete: continue
            case let outcome: return outcome
            }
        }
        if hasOverflowed { return .malformed("too many unread bytes") }
        guard replyBytes + buffer.count - position <= SMTPReplyParser.replyBytesMax else {
            return .malformed("a reply of more than \(SMTPReplyParser.replyBytesMax) bytes")
        }
        return .incomplete
    }

    /// The next line without its end. A bare LF ends a line too: what a server says is quoted, never acted on line by line.
    private mutating func takeLine() -> ArraySlice<UInt8>? {
        let start = position
        let end = buffer.withUnsafeBytes { $0.firstOffset(of: ASCII.lineFeed, from: start, to: $0.count) }
        guard let end else { return nil }
        position = end + 1
        replyBytes += position - start
        let textEnd = end > start && buffer[end - 1] == ASCII.carriageReturn ? end - 1 : end
        return buffer[start..<min(textEnd, start + SMTPReplyParser.lineBytesKeptMax)]
    }

    private mutating func take(_ line: ArraySlice<UInt8>) -> Outcome {
        guard replyBytes <= SMTPReplyParser.replyBytesMax else {
            return .malformed("a reply of more than \(SMTPReplyParser.replyBytesMax) bytes")
        }
        guard lines.count < SMTPReplyParser.linesMax else {
            return .malformed("a reply of more than \(SMTPReplyParser.linesMax) lines")
        }
        guard line.count >= 3, line.prefix(3).allSatisfy(ASCII.isDigit) else { return .malformed("a line without a reply code") }
        let number = line.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (200...599).contains(number), code == nil || code == number else {
            return .malformed(code == nil ? "the reply code \(number)" : "a reply of several codes")
        }
        let separator = line.dropFirst(3).first ?? ASCII.space
        guard separator == ASCII.space || separator == ASCII.hyphen else { return .malformed("a line without a reply code") }
        code = number
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard separator == ASCII.space else { return .incomplete }
        let reply = SMTPReplyParser.reply(number, lines)
        (code, lines, replyBytes) = (nil, [], 0)
        return .reply(reply)
    }

    /// Takes the enhanced code out of the text where the first line has one of the reply's class (RFC 2034 §4).
    private static func reply(_ code: Int, _ lines: [String]) -> SMTPReply {
        func split(_ line: String) -> (EnhancedStatusCode, String)? {
            let end = line.utf8.firstIndex(of: ASCII.space) ?? line.endIndex
            guard let enhanced = EnhancedStatusCode(line[..<end]), enhanced.statusClass == code / 100 else { return nil }
            return (enhanced, end == line.endIndex ? "" : String(line[line.utf8.index(after: end)...]))
        }
        guard let (enhanced, first) = lines.first.flatMap(split) else { return SMTPReply(code, nil, lines) }
        var texts = [first]
        for line in lines.dropFirst() {
            if let (other, text) = split(line), other == enhanced { texts.append(text) } else { texts.append(line) }
        }
        return SMTPReply(code, enhanced, texts)
    }
}
