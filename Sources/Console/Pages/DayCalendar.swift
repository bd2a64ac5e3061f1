import MailModel

/// Days in weeks, each with how much of what it may have was used; with the same as a table.
package struct DayCalendar: Sendable {
    package struct Day: Sendable {
        /// Since 1970 (UTC).
        package var day: Int64
        /// What it may have; nil for no limit, or one that nobody knows.
        package var limit: Int?
        /// Nil for a day to come.
        package var used: Int?
        package var tone: Tone
        /// What the day is, in a word or two: `today`, `set back`.
        package var word: String
        /// What happened; in full only in the table.
        package var texts: [String]
        package var isToday: Bool

        package init(
            _ day: Int64, limit: Int?, used: Int?, tone: Tone = .neutral, word: String = "", texts: [String] = [], isToday: Bool = false
        ) {
            self.day = day
            self.limit = limit
            self.used = used
            self.tone = tone
            self.word = word
            self.texts = texts
            self.isToday = isToday
        }

        /// `2026-11-22`.
        var date: String { String(Timestamp(seconds: day * 86_400).rfc3339.prefix(10)) }
        /// 0 is Monday; 1970 began with a Thursday.
        var weekday: Int { Int(((day + 3) % 7 + 7) % 7) }
        /// `Sun 22 Nov`.
        var name: String {
            let parts = date.split(separator: "-").compactMap { Int($0) }
            return "\(DayCalendar.weekdays[weekday]) \(parts[2]) \(DayCalendar.months[parts[1] - 1])"
        }
        var percent: Int? {
            guard let used, let limit, limit > 0 else { return nil }
            return min(100, used * 100 / limit)
        }
    }

    /// With the unit: `Messages a day: what left of what may leave`.
    package var title: String
    package var days: [Day]

    package init(_ title: String, _ days: [Day]) {
        self.title = title
        self.days = days
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    var table: Table {
        let columns: [Table.Column] = [
            .init("Day"), .init("Used", isNumber: true), .init("Limit", isNumber: true), .init("What it is"), .init("What happened"),
        ]
        return Table(
            title, columns,
            days.map { day in
                [
                    Table.Cell(day.date), Table.Cell(day.used?.grouped ?? ""), Table.Cell(day.limit?.grouped ?? ""),
                    Table.Cell(day.word, tone: day.word.isEmpty ? nil : day.tone), Table.Cell(day.texts.joined(separator: "; ")),
                ]
            }, empty: "No days yet.")
    }
}
