/// A colour that is not transparent.
struct CSSColor: Hashable, CustomStringConvertible {
    /// 0…255 each.
    let red: Int
    let green: Int
    let blue: Int

    static let black = CSSColor(0x00_00_00)
    static let white = CSSColor(0xFF_FF_FF)
    /// What programs give to links that say nothing else.
    static let link = CSSColor(0x00_00_EE)

    private init(_ number: Int) { (red, green, blue) = (number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF) }

    /// `#fff`, `#ffffff`, `rgb(255, 255, 255)`, `rgb(255 255 255)` or a usual name; nil for all else, also for what is seen through.
    init?(_ text: String) {
        let word = text.lowercased()[...].trimmed.prefix { $0 != "!" }.trimmed
        if word.hasPrefix("#") {
            let digits = word.dropFirst()
            guard let number = Int(digits, radix: 16), digits.allSatisfy(\.isHexDigit) else { return nil }
            switch digits.count {
            case 6: self.init(number)
            case 3: self.init([8, 4, 0].reduce(0) { $0 << 8 | (number >> $1 & 0xF) * 17 })
            default: return nil
            }
        } else if word.hasPrefix("rgb("), word.hasSuffix(")") {
            let parts = word.dropFirst(4).dropLast().split { $0 == "," || $0 == " " }.compactMap { Int($0) }
            guard parts.count == 3, parts.allSatisfy((0...255).contains) else { return nil }
            self.init(parts.reduce(0) { $0 << 8 | $1 })
        } else {
            guard let number = CSSColor.named[String(word)] else { return nil }
            self.init(number)
        }
    }

    var description: String {
        "#"
            + [red, green, blue].map { part in
                let digits = String(part, radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
    }

    /// WCAG 2.2, "contrast ratio": 1…21.
    func contrast(with other: CSSColor) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// WCAG 2.2, "relative luminance": 0…1.
    private var luminance: Double {
        CSSColor.linear[red] * 0.2126 + CSSColor.linear[green] * 0.7152 + CSSColor.linear[blue] * 0.0722
    }

    /// What each of 0…255 gives of light: ((c + 0.055) / 1.055) ^ 2.4, and c / 12.92 for the darkest.
    private static let linear: [Double] = (0...255).map { value in
        let part = Double(value) / 255
        guard part > 0.04045 else { return part / 12.92 }
        let base = (part + 0.055) / 1.055
        return base * base * fifthRoot(base * base)
    }

    /// Newton's way: `base` in 0…1, exact to more digits than colours have.
    private static func fifthRoot(_ base: Double) -> Double {
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root * root * root - base) / (5 * root * root * root * root) }
        return root
    }

    private static let named: [String: Int] = [
        "white": 0xFF_FF_FF, "black": 0, "red": 0xFF_00_00, "green": 0x00_80_00, "blue": 0x00_00_FF, "yellow": 0xFF_FF_00,
        "gray": 0x80_80_80, "grey": 0x80_80_80, "silver": 0xC0_C0_C0, "navy": 0x00_00_80, "maroon": 0x80_00_00, "purple": 0x80_00_80,
        "teal": 0x00_80_80, "olive": 0x80_80_00, "lime": 0x00_FF_00, "aqua": 0x00_FF_FF, "cyan": 0x00_FF_FF, "fuchsia": 0xFF_00_FF,
        "magenta": 0xFF_00_FF, "orange": 0xFF_A5_00, "darkgray": 0xA9_A9_A9, "darkgrey": 0xA9_A9_A9, "lightgray": 0xD3_D3_D3,
        "lightgrey": 0xD3_D3_D3, "dimgray": 0x69_69_69, "whitesmoke": 0xF5_F5_F5, "gold": 0xFF_D7_00, "pink": 0xFF_C0_CB,
        "brown": 0xA5_2A_2A, "crimson": 0xDC_14_3C, "tomato": 0xFF_63_47, "coral": 0xFF_7F_50, "beige": 0xF5_F5_DC, "indigo": 0x4B_00_82,
    ]
}
