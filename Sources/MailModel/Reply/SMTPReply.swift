/// One SMTP reply (RFC 5321 §4.2) with its enhanced code (RFC 2034), one or more lines of text.
///
/// The lines cannot hold CR, LF or any other control character: such octets become `?` when the value is made, so text that came from
/// a peer or a user can be quoted in a reply without a check at each place.
package struct SMTPReply: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 200…599.
    package let code: Int
    /// Nil in replies of peers that send none, and in our own where RFC 2034 has none (greeting, EHLO, 354).
    package let enhancedCode: EnhancedStatusCode?
    /// At least one; without codes and line ends.
    package let lines: [String]

    package init(_ code: Int, _ enhancedCode: EnhancedStatusCode? = nil, _ lines: [String]) {
        precondition((200...599).contains(code))
        self.code = code
        self.enhancedCode = enhancedCode
        self.lines = lines.isEmpty ? [""] : lines.allSatisfy(isPrintable) ? lines : lines.map(printable)
    }

    package init(_ code: Int, _ enhancedCode: EnhancedStatusCode? = nil, _ text: String) {
        self.init(code, enhancedCode, [text])
    }

    package var isPositive: Bool { code < 400 }
    package var isTransientFailure: Bool { (400...499).contains(code) }
    package var isPermanentFailure: Bool { code >= 500 }

    /// The lines joined by a space.
    package var text: String { lines.joined(separator: " ") }

    /// `550 5.7.60 text`, on one line.
    package var description: String {
        enhancedCode.map { "\(code) \($0) \(text)" } ?? "\(code) \(text)"
    }
}

/// Longest reply line that we write, code and CRLF included (RFC 5321 §4.5.3.1.5).
package let replyLineBytesMax = 512

/// Control characters become `?`; the text is cut so that code, enhanced code and CRLF fit beside it into 512 octets.
private func printable(_ line: String) -> String {
    guard !isPrintable(line) else { return line }
    var cleaned = line.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }
    if cleaned.count > replyTextBytesMax {
        cleaned.removeSubrange(replyTextBytesMax...)
        while let last = cleaned.last, last & 0xC0 == 0x80 { cleaned.removeLast() }
        if let last = cleaned.last, last >= 0xC0 { cleaned.removeLast() }
    }
    return String(decoding: cleaned, as: UTF8.self)
}

private func isPrintable(_ line: String) -> Bool {
    guard line.utf8.count <= replyTextBytesMax else { return false }
    for byte in line.utf8 where byte < 0x20 || byte == 0x7F { return false }
    return true
}

private let replyTextBytesMax = 480
