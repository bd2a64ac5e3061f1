/// Rows under named columns. The first cell of a row names it.
package struct Table: Sendable {
    package struct Column: Sendable {
        package var title: String
        package var isNumber: Bool

        package init(_ title: String, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    package struct Cell: Sendable {
        package var text: String
        package var href: String?
        package var tone: Tone?
        package var isCode: Bool
        package var note: String
        /// RFC 3339; shown in place of the text where that is empty.
        package var time: String
        /// Percent of a limit, 0…100, drawn beside the text.
        package var meter: Int?
        /// Acts on the row.
        package var forms: [Form]

        package init(
            _ text: String, href: String? = nil, tone: Tone? = nil, isCode: Bool = false, note: String = "", time: String = "",
            meter: Int? = nil, forms: [Form] = []
        ) {
            self.text = text
            self.href = href
            self.tone = tone
            self.isCode = isCode
            self.note = note
            self.time = time
            self.meter = meter
            self.forms = forms
        }

        package static func number(_ value: Int, href: String? = nil) -> Cell { Cell(value.grouped, href: href) }
        package static func time(_ rfc3339: String) -> Cell { Cell("", time: rfc3339) }
        package static func acts(_ forms: [Form]) -> Cell { Cell("", forms: forms) }
    }

    package var caption: String
    package var columns: [Column]
    package var rows: [[Cell]]
    /// What it means that there are no rows, and what to do.
    package var empty: String
    /// The page after this one.
    package var more: Link?

    package init(_ caption: String, _ columns: [Column], _ rows: [[Cell]], empty: String, more: Link? = nil) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.empty = empty
        self.more = more
    }

    package init(_ caption: String, _ columns: [String], _ rows: [[Cell]], empty: String, more: Link? = nil) {
        self.init(caption, columns.map { Column($0) }, rows, empty: empty, more: more)
    }
}

extension Int {
    /// `1 234 567`, with spaces that do not break (ISO 80000-1).
    package var grouped: String {
        let digits = "\(magnitude)"
        guard digits.count > 4 else { return "\(self)" }
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append("\u{202F}") }
            text.append(digit)
        }
        return self < 0 ? "-\(text)" : text
    }
}

/// Times as pages show them.
package enum PageTime {
    /// `2026-11-22 09:14:12` of an RFC 3339 text in UTC; empty for an empty one.
    package static func text(_ rfc3339: String) -> String { String(rfc3339.prefix(19)).replacing("T", with: " ") }
}
