import MailModel

/// The words of a notice, apart from the message that it returns.
struct NoticeText {
    /// Whom it names, and in which line first.
    struct Section: Hashable {
        var address: EmailAddress
        var line: Int
    }

    /// Trimmed, without the marks of quoting.
    private(set) var lines: [String] = []
    /// The same lines as they came.
    private(set) var raw = ""
    /// What comes behind the line that announces the message.
    private(set) var returned = ""

    var text: String { lines.joined(separator: "\n") }
    /// In one line of lower case.
    var words: String { text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    init(_ text: String) {
        var rest = text[...]
        while !rest.isEmpty, lines.count < ReturnedLimits.linesMax {
            let end = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
            let line = NoticeText.plain(rest[..<end])
            rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
            if NoticeText.announcesMessage(line) {
                returned = String(rest)
                break
            }
            lines.append(line)
        }
        raw = String(text[..<rest.startIndex])
    }

    /// Without white space around it and `>` before it.
    private static func plain(_ line: Substring) -> String {
        var line = line.drop { $0.isWhitespace }
        // `>>> RCPT TO` is a transcript, not a quotation.
        if line.first == ">", line.dropFirst().first != ">" { line = line.dropFirst().drop { $0.isWhitespace } }
        while line.last?.isWhitespace ?? false { line.removeLast() }
        return String(line)
    }

    /// `--- Below this line is a copy of the message.`, `------- Returned Message --------`, `Original message follows.`
    private static func announcesMessage(_ line: String) -> Bool {
        let words = line.lowercased()
        guard words.utf8.count <= 120 else { return false }
        let isRuled = words.first == "-" || words.first == "=" || words.first == "*"
        if isRuled, announcements.contains(where: words.contains) { return true }
        return openings.contains { words.hasPrefix($0) }
    }

    private static let announcements = [
        "original message", "copy of the message", "copy of your message", "copy of the original", "header of the original",
        "below this line",
        "returned message", "unsent message", "original mail info", "message header", "headers of the original",
    ]
    private static let openings = [
        "message headers follow", "original message follows", "original message:", "below is a copy of the original", "original headers:",
        "message header:", "your original message",
    ]

    // MARK: - Recipients

    /// `failed`: named in the header, which is believed before the text.
    func recipients(failed: [EmailAddress]) -> [Section] {
        var sections: [Section] = []
        var seen: Set<EmailAddress> = []
        for address in failed where seen.insert(address).inserted {
            sections.append(Section(address: address, line: lines.firstIndex { $0.lowercased().contains(address.key) } ?? 0))
        }
        guard sections.isEmpty else { return sections.sorted { $0.line < $1.line } }
        for (number, line) in lines.enumerated() where sections.count < ReturnedLimits.rowsMax {
            guard let address = NoticeText.recipient(in: line), seen.insert(address).inserted else { continue }
            sections.append(Section(address: address, line: number))
        }
        return sections
    }

    /// The lines from where it is named to where the next one is; in a transcript, which names it last, those before.
    func words(_ section: Section, among all: [Section]) -> String {
        if lines[section.line].first?.isNumber ?? false {
            let previous = all.lazy.map(\.line).filter { $0 < section.line }.max() ?? -1
            return lines[(previous + 1)...section.line].joined(separator: "\n")
        }
        let next = all.lazy.map(\.line).filter { $0 > section.line }.min() ?? lines.count
        return lines[section.line..<next].joined(separator: "\n")
    }

    /// The address of a line that begins with it, or that says `recipient`, `to` or the like right before it.
    private static func recipient(in line: String) -> EmailAddress? {
        guard line.utf8.count <= 1_000, line.utf8.contains(0x40) else { return nil }
        let lower = line.lowercased()
        guard !others.contains(where: { lower.hasPrefix($0) }) else { return nil }
        for (address, before) in WrittenAddress.places(in: line, max: 3) {
            let words = before.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" }
            guard let last = words.last else { return address }
            if introductions.contains(String(last)) { return address }
            // `550 <anna@example.net>... User unknown`
            if words.allSatisfy({ $0.allSatisfy { $0.isNumber || $0 == "-" } }) { return address }
            if words.contains("from") || words.contains("sender") { return nil }
        }
        return nil
    }

    private static let introductions: Set<String> = [
        "to", "recipient", "recipients", "address", "user", "rcpt", "s", "errors", "recipient-s",
    ]
    /// Lines about the message itself, and about how an address came to be.
    private static let others = [
        "to:", "cc:", "from:", "sender:", "reply-to:", "subject:", "date:", "message-id:", "return-path:", "received:", "x-",
        "(generated from",
        "(expanded from", "(ultimately", "generated by", "in: mail", "out:", ">>> mail", "mail from", "http", "for further", "if you",
        "from ", "please",
    ]
}
