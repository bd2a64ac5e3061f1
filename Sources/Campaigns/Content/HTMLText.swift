/// The text part of a message, made from its HTML: blocks as lines, items with a dash, links with their address behind them.
package enum HTMLText {
    package static func text(of html: String) -> String {
        var writer = TextWriter()
        for token in HTMLTokens(html).tokens { writer.take(token) }
        return writer.finished
    }

    /// How many images there are, and how many of them say nothing to who cannot see them.
    package static func images(of html: String) -> (all: Int, withoutText: Int) {
        var (all, without) = (0, 0)
        for case .open("img", let attributes) in HTMLTokens(html).tokens {
            all += 1
            if attributes["alt"] == nil { without += 1 }
        }
        return (all, without)
    }

    /// What has to be written so that a text is itself in HTML.
    package static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}

private struct TextWriter {
    private var lines: [String] = [""]
    private var links: [(address: String, start: Int)] = []
    private var isSilent = 0
    private var isKept = 0

    private static let silent: Set<String> = ["style", "script", "title", "head"]
    private static let paragraphs: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "hr", "div", "section", "article", "footer",
    ]

    mutating func take(_ token: HTMLTokens.Token) {
        switch token {
        case .text(let text): if isSilent == 0 { write(text) }
        case .open(let name, let attributes): opened(name, attributes)
        case .close(let name): closed(name)
        }
    }

    private mutating func opened(_ name: String, _ attributes: [String: String]) {
        if TextWriter.silent.contains(name) { isSilent += 1 }
        if name == "pre" { isKept += 1 }
        if TextWriter.paragraphs.contains(name) { paragraph() }
        switch name {
        case "br": lines.append("")
        case "li":
            newLine()
            lines[lines.count - 1] = "- "
        case "tr": newLine()
        case "td", "th": if lines.last?.isEmpty == false { write(" ") }
        case "hr": lines[lines.count - 1] = "----"
        case "img": write(attributes["alt"] ?? "")
        case "a": links.append((attributes["href"] ?? "", lines.joined(separator: "\n").utf8.count))
        default: break
        }
    }

    private mutating func closed(_ name: String) {
        if TextWriter.silent.contains(name), isSilent > 0 { isSilent -= 1 }
        if name == "pre", isKept > 0 { isKept -= 1 }
        if TextWriter.paragraphs.contains(name) { paragraph() }
        if name == "a", let link = links.popLast(), !link.address.isEmpty, !link.address.hasPrefix("#") {
            let all = lines.joined(separator: "\n")
            let shown = String(decoding: Array(all.utf8.dropFirst(link.start)), as: UTF8.self)
            let bare = link.address.hasPrefix("mailto:") ? String(link.address.dropFirst(7)) : link.address
            if shown[...].trimmed != bare[...] { write(shown[...].trimmed.isEmpty ? bare : " (\(bare))") }
        }
    }

    private mutating func write(_ text: String) {
        if isKept > 0 {
            let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
            lines[lines.count - 1] += parts.first.map(String.init) ?? ""
            lines += parts.dropFirst().map(String.init)
            return
        }
        var line = lines[lines.count - 1]
        for character in text {
            if character.isWhitespace && character != "\u{A0}" {
                if !line.isEmpty, line.last != " " { line.append(" ") }
            } else {
                line.append(character == "\u{A0}" ? " " : character)
            }
        }
        lines[lines.count - 1] = line
    }

    private mutating func newLine() { if lines.last?.isEmpty == false { lines.append("") } }

    private mutating func paragraph() {
        newLine()
        if lines.count >= 2, lines[lines.count - 2].isEmpty == false { lines.append("") }
    }

    /// No blank lines at the ends, and never two in a row.
    var finished: String {
        var result: [String] = []
        for line in lines {
            let line = String(line[...].trimmedEnd)
            if line.isEmpty, result.last?.isEmpty ?? true { continue }
            result.append(line)
        }
        while result.last?.isEmpty == true { result.removeLast() }
        return result.joined(separator: "\n") + "\n"
    }
}

extension Substring {
    fileprivate var trimmedEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
