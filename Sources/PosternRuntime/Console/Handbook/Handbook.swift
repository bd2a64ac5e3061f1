import Console
import ContentReading

/// A page of the handbook as HTML that stands within a page of the console.
///
/// The text is the program's own. CommonMark has no tables, so they are made here, cell by cell; links between pages lead to `/help`, links
/// to other files of the source are left as words, and so are pictures.
struct HandbookPage {
    let name: String
    let title: String
    let html: String
    /// Of its headings, as links name them: `look-at-a-list`.
    let anchors: Set<String>

    /// Nil for a name that no page has.
    init?(_ name: String) {
        guard let text = HandbookText.pages[name] else { return nil }
        self.name = name
        title = HandbookPage.title(text)
        var body = HandbookBody(page: name)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst() { body.read(line) }
        body.end()
        html = body.html
        anchors = body.anchors
    }

    /// The first line, which is a heading.
    static func title(_ text: String) -> String { String(text.prefix { $0 != "\n" }.drop { $0 == "#" || $0 == " " }) }

    /// All pages, by their titles.
    static let contents: [(name: String, title: String)] = HandbookText.pages.map { (name: $0.key, title: title($0.value)) }
        .sorted { $0.title < $1.title }
}

/// Reads a page line by line: tables and headings are its own, all else is Markdown.
private struct HandbookBody {
    let page: String
    private(set) var html = ""
    private(set) var anchors: Set<String> = []
    private var markdown = ""
    private var rows: [Substring] = []
    private var tables = 0
    private var isCode = false

    init(page: String) { self.page = page }

    mutating func read(_ line: Substring) {
        if line.hasPrefix("```") { isCode.toggle() }
        if line.hasPrefix("|"), !isCode {
            rows.append(line)
            return
        }
        endTable()
        guard line.hasPrefix("#"), !isCode else {
            markdown += "\(line)\n"
            return
        }
        endMarkdown()
        let level = min(max(line.prefix { $0 == "#" }.count, 2), 4)
        let text = line.drop { $0 == "#" || $0 == " " }
        let anchor = HandbookBody.anchor(text)
        anchors.insert(anchor)
        html += "<h\(level) id=\"\(anchor)\">\(inline(text))</h\(level)>\n"
    }

    mutating func end() {
        endTable()
        endMarkdown()
    }

    private mutating func endMarkdown() {
        html += linked(MarkdownText.html(markdown))
        markdown = ""
    }

    private mutating func endTable() {
        guard rows.count >= 2 else {
            markdown += rows.map { "\($0)\n" }.joined()
            rows = []
            return
        }
        endMarkdown()
        tables += 1
        let names = HandbookBody.cells(rows[0])
        let head = names.map(inline)
        html += "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table \(tables)\"><table>"
        // Where no column has a name, the first row is none.
        if head.contains(where: { !$0.isEmpty }) {
            html += "<thead><tr>\(head.map { "<th scope=\"col\">\($0)</th>" }.joined())</tr></thead>"
        }
        html += "<tbody>"
        for row in rows.dropFirst(2) {
            let cells = HandbookBody.cells(row).enumerated().map { place, cell in
                let name = names.indices.contains(place) ? names[place].filter { !"`\"<>&".contains($0) } : ""
                return "<td data-label=\"\(name)\">\(inline(cell))</td>"
            }
            html += "<tr>\(cells.joined())</tr>\n"
        }
        html += "</tbody></table></div>\n"
        rows = []
    }

    /// Between bars; `\|` is a bar of the text.
    private static func cells(_ row: Substring) -> [Substring] {
        let inner = row.dropFirst().hasSuffix("|") ? row.dropFirst().dropLast() : row.dropFirst()
        return inner.replacing("\\|", with: "\u{1}").split(separator: "|", omittingEmptySubsequences: false).map {
            Substring($0.trimmingPrefix { $0 == " " }.replacing("\u{1}", with: "|"))
        }
    }

    /// Markdown within a line.
    private func inline(_ text: some StringProtocol) -> String {
        var html = MarkdownText.html(String(text))
        while html.last == "\n" { html.removeLast() }
        guard html.hasPrefix("<p>"), html.hasSuffix("</p>") else { return linked(html) }
        return linked(String(html.dropFirst(3).dropLast(4)))
    }

    /// `administration.md#dkim` becomes `/help/administration#dkim`; what is no page of the handbook is no link, and pictures are left out.
    private func linked(_ html: String) -> String {
        let pictures = html.replacing(#/<img [^>]*>/#, with: "")
        return pictures.replacing(#/<a href="([^"]*)">(.*?)</a>/#.dotMatchesNewlines()) { match in
            let (address, text) = (match.output.1, match.output.2)
            if address.hasPrefix("#") { return "<a href=\"\(address)\">\(text)</a>" }
            if address.hasPrefix("https://") { return "<a href=\"\(address)\" rel=\"noreferrer\">\(text)</a>" }
            let parts = address.split(separator: "#", maxSplits: 1)
            guard let file = parts.first, file.hasSuffix(".md"), HandbookText.pages[String(file.dropLast(3))] != nil else {
                return String(text)
            }
            return "<a href=\"/help/\(file.dropLast(3))\(parts.count > 1 ? "#\(parts[1])" : "")\">\(text)</a>"
        }
    }

    /// As forges make it: lower case, white space as hyphens, without marks.
    static func anchor(_ text: Substring) -> String {
        String(text.lowercased().replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    }
}
