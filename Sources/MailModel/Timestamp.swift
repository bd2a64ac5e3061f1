/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// Decisions get it as a parameter; only the shell reads a clock.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    package init(from decoder: any Decoder) throws { milliseconds = try decoder.singleValueContainer().decode(Int64.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Far enough away to mean "never", near enough that adding a day to it cannot overflow.
    package static let distantFuture = Timestamp(milliseconds: 253_402_300_799_000)

    /// Whole seconds since the epoch, rounded down.
    package var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000 }

    /// Whole UTC days since the epoch: the `day` in the key of every large table.
    package var day: Int32 { Int32(clamping: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds + right.milliseconds)
    }
    package static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds - right.milliseconds)
    }
    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, the fraction dropped.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

/// A UTC calendar time, by the proleptic Gregorian calendar (Hinnant's day count), without Foundation.
package struct CalendarTime: Hashable, Sendable {
    package var year: Int
    /// 1…12.
    package var month: Int
    /// 1…31.
    package var dayOfMonth: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var millisecond: Int
    /// 0 = Sunday … 6 = Saturday.
    package var weekday: Int

    package init(_ timestamp: Timestamp) {
        let day = Int(timestamp.day)
        let secondOfDay = Int(timestamp.seconds) - day * 86_400
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        dayOfMonth = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        millisecond = Int(timestamp.milliseconds - timestamp.seconds * 1000)
        weekday = ((day + 4) % 7 + 7) % 7
    }

    /// Days of a month; `month` 1…12.
    package static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since the epoch of a Gregorian date; `month` 1…12.
    package static func daysSinceEpoch(year: Int, month: Int, dayOfMonth: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-22T01:43:51.007Z`.
    package var rfc3339: String {
        let time = CalendarTime(self)
        return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.dayOfMonth, 2))T\(padded(time.hour, 2)):"
            + "\(padded(time.minute, 2)):\(padded(time.second, 2)).\(padded(time.millisecond, 3))Z"
    }

    /// RFC 5322 §3.3 date-time in UTC: `Sun, 22 Nov 2026 01:43:51 +0000`.
    package var rfc5322: String {
        let time = CalendarTime(self)
        return String(capacity: 64) { text in
            text.put(weekdayNames[time.weekday].utf8)
            text.put(", ".utf8)
            text.put(decimal: time.dayOfMonth)
            text.put(0x20)
            text.put(monthNames[time.month - 1].utf8)
            text.put(0x20)
            text.put(decimal: max(time.year, 0), width: 4)
            text.put(0x20)
            text.put(decimal: time.hour, width: 2)
            text.put(0x3A)
            text.put(decimal: time.minute, width: 2)
            text.put(0x3A)
            text.put(decimal: time.second, width: 2)
            text.put(" +0000".utf8)
        }
    }

    /// Reads RFC 3339 (`2026-11-22T01:43:51Z`, fraction and offset allowed); nil for anything else.
    package init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54 || bytes[10] == 0x74, bytes[13] == 0x3A,
            bytes[16] == 0x3A,
            let year = number(0..<4), let month = number(5..<7), (1...12).contains(month), let day = number(8..<10),
            (1...CalendarTime.dayCount(year: year, month: month)).contains(day),
            let hour = number(11..<13), hour < 24, let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
        else { return nil }
        var position = 19
        var fraction = 0
        if bytes[position] == 0x2E {
            position += 1
            var scale = 100
            let start = position
            while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
                fraction += Int(bytes[position] - 0x30) * scale
                scale /= 10
                position += 1
            }
            guard position > start else { return nil }
        }
        guard position < bytes.count else { return nil }
        var offsetMinutes = 0
        if bytes[position] == 0x5A || bytes[position] == 0x7A {
            guard position + 1 == bytes.count else { return nil }
        } else {
            guard bytes.count == position + 6, bytes[position] == 0x2B || bytes[position] == 0x2D, bytes[position + 3] == 0x3A,
                let hours = number(position + 1..<position + 3), hours < 24, let minutes = number(position + 4..<position + 6), minutes < 60
            else { return nil }
            offsetMinutes = (bytes[position] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
        }
        let days = CalendarTime.daysSinceEpoch(year: year, month: month, dayOfMonth: day)
        let seconds = days * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(fraction))
    }
}

private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
