extension RuleHits {
    mutating func lookAtText(_ content: MessageContent) {
        if content.bytes > 10 << 20 { add(.large, "\(content.bytes >> 20) MiB") }
        let shown = content.shownText
        if let html = content.html {
            lookAtHTML(html, shown, content)
            if content.plain.isEmpty { add(.noPlainText, "text/html") }
        } else if shown.count < 40, content.parts.contains(where: { $0.type.hasPrefix("image/") }) {
            add(.imageOnly, "\(shown.count) octets of text")
        }
        if let word = RuleHits.spacedWord(shown) { add(.spacedWords, word) }
        let unseen = RuleHits.unseenWithinWords(shown)
        if unseen > 3 { add(.unseenCharacters, "\(unseen)") }
    }

    private mutating func lookAtHTML(_ html: HTMLContent, _ shown: [UInt8], _ content: MessageContent) {
        // A line that shows only in the list of messages is usual, and short.
        if html.hidden.count > 400, html.hidden.count > shown.count / 4 { add(.hiddenText, "\(html.hidden.count) octets") }
        if html.images > 0, html.visible.count < 80 { add(.imageOnly, "\(html.images) pictures, \(html.visible.count) octets of text") }
        if html.forms > 0 { add(.form, "\(html.forms)") }
        if html.scripts > 0 { add(.script, "\(html.scripts)") }
        if html.embeds > 0 { add(.embedded, "\(html.embeds)") }
    }

    /// Five single letters in a row, each after a gap: `V I A G R A`, `c-a-s-h-!`.
    private static func spacedWord(_ text: [UInt8]) -> String? {
        var run = 0
        var start = 0
        var position = 0
        while position + 1 < text.count {
            let isSingle = isLetter(text[position]) && isGap(text[position + 1]) && (position == 0 || !isLetter(text[position - 1]))
            if isSingle {
                if run == 0 { start = position }
                run += 1
                if run == 6 { return String(decoding: text[start...(position + 1)], as: UTF8.self) }
                position += 2
            } else {
                if run > 0, !isLetter(text[position]) || run < 6 { run = 0 }
                position += 1
            }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isGap(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x2A }

    /// U+200B to U+200D, U+2060, U+00AD and U+FEFF between two letters.
    private static func unseenWithinWords(_ text: [UInt8]) -> Int {
        var count = 0
        var position = 1
        while position + 3 < text.count {
            let byte = text[position]
            if byte < 0xC2 {
                position += 1
                continue
            }
            let length: Int
            switch (byte, text[position + 1], text[position + 2]) {
            case (0xE2, 0x80, 0x8B...0x8D), (0xE2, 0x81, 0xA0), (0xEF, 0xBB, 0xBF): length = 3
            case (0xC2, 0xAD, _): length = 2
            default: length = 0
            }
            if length > 0, isLetter(text[position - 1]), isLetter(text[position + length]) { count += 1 }
            position += max(1, length)
        }
        return count
    }
}
