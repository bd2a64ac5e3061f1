/// How the text of an element looks, as far as it may be made not to be seen. Inherited by the elements within.
struct Appearance {
    private(set) var isSwitchedOff = false
    private var color: UInt32 = 0
    /// Nil where a picture lies behind the text.
    private var ground: UInt32? = 0xFF_FF_FF
    private var isTiny = false

    var isHidden: Bool { isSwitchedOff || isTiny || ground.map { Appearance.isLike($0, color) } ?? false }

    mutating func apply(_ attributes: HTMLAttributes) {
        if attributes.isHidden { isSwitchedOff = true }
        if let color = Appearance.color(attributes.color) { self.color = color }
        if let color = Appearance.color(attributes.ground) { ground = color }
        if attributes.hasGroundImage { ground = nil }
        guard !attributes.style.isEmpty else { return }
        for declaration in attributes.style.split(separator: ";").prefix(40) {
            let parts = declaration.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            apply(String(parts[0].filter { $0 != " " }), parts[1].drop { $0 == " " })
        }
    }

    private mutating func apply(_ name: String, _ value: Substring) {
        switch name {
        case "display": if value.hasPrefix("none") { isSwitchedOff = true }
        case "visibility": if value.hasPrefix("hidden") || value.hasPrefix("collapse") { isSwitchedOff = true }
        case "opacity", "max-height": if let number = Appearance.number(value), number < 0.05 { isSwitchedOff = true }
        case "text-indent", "left", "top", "margin-left": if let number = Appearance.number(value), number < -900 { isSwitchedOff = true }
        case "font-size", "font":
            guard let number = Appearance.number(value) else { return }
            isTiny = number < (value.contains("em") || value.contains("%") ? 0.1 : 3)
        case "color": color = Appearance.color(String(value)) ?? color
        case "background", "background-color":
            if value.contains("url(") {
                ground = nil
            } else if let color = Appearance.color(String(value)) {
                ground = color
            }
        default: break
        }
    }

    /// The number at the start of a value.
    private static func number(_ value: Substring) -> Double? {
        Double(value.prefix { $0.isASCII && ($0.isNumber || $0 == "-" || $0 == ".") })
    }

    /// Less than a sixteenth apart in each of red, green and blue.
    private static func isLike(_ one: UInt32, _ other: UInt32) -> Bool {
        [16, 8, 0].allSatisfy { shift in
            let (a, b) = (Int(one >> shift & 0xFF), Int(other >> shift & 0xFF))
            return abs(a - b) < 16
        }
    }

    /// `#fff`, `#ffffff`, `ffffff`, `rgb(255, 255, 255)` and the names of the commonest.
    private static func color(_ text: String) -> UInt32? {
        guard !text.isEmpty else { return nil }
        let word = Substring(text.utf8.prefix { $0 != 0x20 && $0 != 0x21 })
        if word.utf8.first != 0x23, let named = named[String(word)] { return named }
        if text.hasPrefix("rgb(") {
            let parts = text.dropFirst(4).split { !$0.isNumber }.prefix(3).compactMap { UInt32($0) }
            return parts.count == 3 ? parts.reduce(0) { $0 << 8 | min($1, 255) } : nil
        }
        let digits = Substring(word.utf8.drop { $0 == 0x23 })
        guard let number = UInt32(digits, radix: 16) else { return nil }
        switch digits.utf8.count {
        case 6: return number
        case 3: return [8, 4, 0].reduce(0 as UInt32) { $0 << 8 | (number >> $1 & 0xF) * 17 }
        default: return nil
        }
    }

    private static let named: [String: UInt32] = [
        "white": 0xFF_FF_FF, "black": 0, "red": 0xFF_00_00, "green": 0x00_80_00, "blue": 0x00_00_FF, "yellow": 0xFF_FF_00,
        "gray": 0x80_80_80,
        "grey": 0x80_80_80, "silver": 0xC0_C0_C0, "navy": 0x00_00_80, "maroon": 0x80_00_00, "purple": 0x80_00_80, "teal": 0x00_80_80,
        "olive": 0x80_80_00, "lime": 0x00_FF_00, "aqua": 0x00_FF_FF, "fuchsia": 0xFF_00_FF, "orange": 0xFF_A5_00,
    ]
}
