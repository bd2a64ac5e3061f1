/// Numbers with units, as people write them in settings and on the command line.
extension SettingKind {
    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    /// Digits, with `_` or `,` between them for the eye.
    static func number(_ text: some StringProtocol) -> Int? {
        guard let first = text.utf8.first, first >= 0x30, first <= 0x39,
            text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F || $0 == 0x2C })
        else { return nil }
        return Int(String(text.filter { $0 != "_" && $0 != "," }))
    }

    /// `500ms`, `30s`, `5m`, `4h`, `2d`, or `0`; nil for anything else.
    package static func duration(_ text: some StringProtocol) -> Duration? {
        if text == "0" { return .zero }
        for (suffix, milliseconds) in durationUnits where text.hasSuffix(suffix) {
            guard let count = number(text.dropLast(suffix.count)) else { continue }
            let (total, overflow) = count.multipliedReportingOverflow(by: milliseconds)
            return overflow ? nil : .milliseconds(total)
        }
        return nil
    }

    /// `90`, `64KiB`, `35MiB`, `1GiB`; nil for anything else.
    package static func bytes(_ text: some StringProtocol) -> Int? {
        for (suffix, factor) in byteUnits where text.hasSuffix(suffix) {
            guard let count = number(text.dropLast(suffix.count)) else { continue }
            let (total, overflow) = count.multipliedReportingOverflow(by: factor)
            return overflow ? nil : total
        }
        return number(text)
    }

    /// The greatest unit that leaves no remainder.
    static func text(_ duration: Duration) -> String {
        let components = duration.components
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0" }
        for (suffix, unit) in durationUnits.sorted(by: { $0.1 > $1.1 }) where milliseconds % Int64(unit) == 0 {
            return "\(milliseconds / Int64(unit))\(suffix)"
        }
        return "\(milliseconds)ms"
    }

    static func text(bytes: Int) -> String {
        for (suffix, factor) in byteUnits.reversed() where bytes != 0 && bytes % factor == 0 { return "\(bytes / factor)\(suffix)" }
        return "\(bytes)"
    }
}

/// `ms` stands before `m` and `s`, since it ends as they do.
private let durationUnits = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
private let byteUnits = [("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776)]
