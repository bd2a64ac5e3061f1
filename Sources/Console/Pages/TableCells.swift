/// The cells of tables. A page has up to a thousand, so they are written here and not by a template, which looks up each of its names.
struct TableCells {
    /// `forms`: made by templates.
    static func html(_ cell: Table.Cell, _ column: Table.Column, isHead: Bool, _ words: CommandWords, forms: [String]) -> String {
        let tag = isHead ? "th" : "td"
        let isTime = !cell.time.isEmpty
        var html = "<\(tag)"
        if isHead { html += " scope=\"row\"" }
        html +=
            " class=\"\(column.isNumber ? "number" : isTime ? "time" : "")\" data-label=\"\(isHead ? "" : HTMLText.escape(column.title))\">"
        if let tone = cell.tone { html += "<span class=\"badge \(tone.rawValue)\">" }
        html += content(cell, isTime: isTime, words)
        if cell.tone != nil { html += "</span>" }
        if !cell.note.isEmpty { html += " <span class=\"note\">\(words.cell(cell.note))</span>" }
        if let meter = cell.meter {
            let value = min(max(meter, 0), 100)
            html += "<meter min=\"0\" max=\"100\" low=\"80\" high=\"90\" optimum=\"0\" value=\"\(value)\">\(value) %</meter>"
        }
        for form in forms { html += form }
        return html + "</\(tag)>"
    }

    private static func content(_ cell: Table.Cell, isTime: Bool, _ words: CommandWords) -> String {
        let text = HTMLText.escape(cell.text.isEmpty && isTime ? PageTime.text(cell.time) : cell.text)
        if let href = cell.href { return "<a href=\"\(HTMLText.escape(href))\">\(text)</a>" }
        if cell.isCode { return "<code>\(text)</code>" }
        return isTime ? "<time datetime=\"\(HTMLText.escape(cell.time))\">\(text)</time>" : words.cell(cell.text)
    }
}
