/// A text that is hard to tell from its ground.
package struct ContrastFault: Hashable, Sendable, Codable {
    /// Its first words.
    package var text: String
    /// `#767676`.
    package var color: String
    package var ground: String
    /// 1…21, as WCAG 2.2 defines it.
    package var ratio: Double
    /// What is asked for: 4.5, or 3 for large letters (WCAG 2.2, 1.4.3).
    package var least: Double

    /// With two digits, never rounded up.
    package var ratioText: String { "\((ratio * 100).rounded(.down) / 100)" }
}

/// Holds the colours of a page's texts against what lies behind them, as far as attributes say them.
package enum Contrast {
    /// Faults that are named.
    package static let faultsMax = 20

    /// Colours of style blocks are not seen: inline them first. Where nothing is said, text is black on white; over a picture nothing is known.
    package static func faults(in html: String) -> [ContrastFault] {
        var page = ContrastPage()
        for token in HTMLTokens(html).tokens where page.faults.count < faultsMax { page.take(token) }
        return page.faults
    }
}

private struct ContrastPage {
    private struct Look {
        var name: String
        var color = CSSColor.black
        /// Nil over a picture.
        var ground: CSSColor? = .white
        /// In CSS pixels.
        var size = 16.0
        var isBold = false
        var isHidden = false
    }

    private(set) var faults: [ContrastFault] = []
    private var open: [Look] = [Look(name: "")]

    private static let depthMax = 200

    mutating func take(_ token: HTMLTokens.Token) {
        switch token {
        case .open(let name, let attributes): opened(name, attributes)
        case .close(let name):
            if let place = open.lastIndex(where: { $0.name == name }), place > 0 { open.removeLast(open.count - place) }
        case .text(let text): look(at: text)
        }
    }

    private mutating func opened(_ name: String, _ attributes: [String: String]) {
        guard open.count < ContrastPage.depthMax, var look = open.last else { return }
        look.name = name
        if ["b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"].contains(name) { look.isBold = true }
        if let size = ["h1": 32.0, "h2": 24, "h3": 18.72][name] { look.size = size }
        if ["head", "style", "script", "title"].contains(name) || attributes["hidden"] != nil { look.isHidden = true }
        if name == "a", attributes["href"] != nil { look.color = .link }
        if let color = attributes["color"].flatMap(CSSColor.init) ?? (name == "body" ? attributes["text"].flatMap(CSSColor.init) : nil) {
            look.color = color
        }
        if let ground = attributes["bgcolor"].flatMap(CSSColor.init) { look.ground = ground }
        if attributes["background"] != nil { look.ground = nil }
        for (name, value) in CSSDeclarations.pairs(attributes["style"] ?? "") { apply(name, value, to: &look) }
        if !HTMLTokens.voids.contains(name) { open.append(look) }
    }

    private func apply(_ name: String, _ value: String, to look: inout Look) {
        switch name {
        case "color": if let color = CSSColor(value) { look.color = color }
        case "background", "background-color":
            if value.contains("url(") || value.contains("gradient") {
                look.ground = nil
            } else if let color = value.split(separator: " ").lazy.compactMap({ CSSColor(String($0)) }).first ?? CSSColor(value) {
                look.ground = color
            }
        case "display": if value.hasPrefix("none") { look.isHidden = true }
        case "visibility": if value.hasPrefix("hidden") { look.isHidden = true }
        case "font-weight": look.isBold = value.hasPrefix("bold") || (Int(value.prefix { $0.isNumber }) ?? 400) >= 700
        case "font-size":
            guard let number = Double(value.prefix { $0.isNumber || $0 == "." }) else { return }
            let parent = open.last?.size ?? 16
            let unit = value.drop { $0.isNumber || $0 == "." }
            look.size =
                switch unit {
                case "em": parent * number
                case "rem": 16 * number
                case "%": parent * number / 100
                case "pt": number * 4 / 3
                default: number
                }
        default: break
        }
    }

    private mutating func look(at text: String) {
        guard let look = open.last, !look.isHidden, let ground = look.ground, text.contains(where: { !$0.isWhitespace }) else { return }
        // WCAG 2.2: 18 point, or 14 point in bold, is large.
        let least = look.size >= 24 || look.isBold && look.size >= 18.66 ? 3.0 : 4.5
        let ratio = look.color.contrast(with: ground)
        // What cannot be told from its ground at all is hidden text, a rule of its own.
        guard ratio < least, ratio > 1.05 else { return }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        faults.append(
            ContrastFault(
                text: String(words.prefix(40)), color: look.color.description, ground: ground.description, ratio: ratio, least: least))
    }
}
