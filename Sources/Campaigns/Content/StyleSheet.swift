/// `name: value` pairs of a style attribute or a rule.
enum CSSDeclarations {
    static let countMax = 100

    /// Names in lower case; values with `!important` where it stands. Semicolons in quotes and brackets do not part.
    static func pairs(_ text: String) -> [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        for part in parted(text[...], by: ";").prefix(countMax) {
            guard let colon = part.firstIndex(of: ":") else { continue }
            let name = part[..<colon].trimmed.lowercased()
            let value = part[part.index(after: colon)...].trimmed
            if !name.isEmpty, !value.isEmpty { pairs.append((name, String(value))) }
        }
        return pairs
    }

    static func text(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
    }

    static func parted(_ text: Substring, by sign: Character) -> [Substring] {
        var parts: [Substring] = []
        var (start, depth) = (text.startIndex, 0)
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            switch character {
            case "\"", "'": quote = character
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case sign where depth <= 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }
}

/// The rules of a page's style blocks: those that can be written into elements, and the text of those that cannot.
struct StyleSheet {
    private struct Rule {
        var selector: CSSSelector
        var declarations: [(name: String, value: String, isImportant: Bool)]
    }

    /// What stays in a style block.
    private(set) var kept = ""
    /// In the order of their force: a later one wins.
    private var rules: [Rule] = []

    /// Nil where it is too much to look at.
    init?(_ text: String) {
        guard text.utf8.count <= CSSInliner.styleOctetsMax else { return nil }
        var rest = StyleSheet.withoutComments(text)[...]
        var found: [Rule] = []
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == ";" }
            guard let first = rest.first else { break }
            if first == "@" {
                kept += StyleSheet.atRule(&rest)
                continue
            }
            guard let (head, body) = StyleSheet.block(&rest) else { break }
            take(head, body, &found)
            guard found.count <= CSSInliner.rulesMax else { return nil }
        }
        let order = found.enumerated().sorted { ($0.element.selector.force, $0.offset) < ($1.element.selector.force, $1.offset) }
        rules = order.map(\.element)
    }

    private mutating func take(_ head: Substring, _ body: Substring, _ found: inout [Rule]) {
        let pairs = CSSDeclarations.pairs(String(body))
        for part in CSSDeclarations.parted(head, by: ",") {
            let text = part.trimmed
            guard !text.isEmpty else { continue }
            guard let selector = CSSSelector(text) else {
                kept += "\(text) { \(StyleSheet.important(pairs)) }\n"
                continue
            }
            let declarations = pairs.map { name, value in
                let isImportant = value.lowercased().hasSuffix("!important")
                return (name, isImportant ? String(value.dropLast(10)[...].trimmed) : value, isImportant)
            }
            found.append(Rule(selector: selector, declarations: declarations))
        }
    }

    /// Everything that an element is told: rules first, then what it says itself, then what is important.
    func style(of element: StyledElement, in around: [StyledElement]) -> String {
        let fitting = rules.filter { $0.selector.matches(element, in: around) }
        guard !fitting.isEmpty else { return element.style }
        var order: [String] = []
        var values: [String: (value: String, isImportant: Bool)] = [:]
        func set(_ name: String, _ value: String, _ isImportant: Bool) {
            if let known = values[name], known.isImportant, !isImportant { return }
            // The one that was set last comes last: `border-top` after `border`.
            order.removeAll { $0 == name }
            order.append(name)
            values[name] = (value, isImportant)
        }
        for rule in fitting { for (name, value, isImportant) in rule.declarations { set(name, value, isImportant) } }
        for (name, value) in CSSDeclarations.pairs(element.style) { set(name, value, value.lowercased().hasSuffix("!important")) }
        return CSSDeclarations.text(order.compactMap { name in values[name].map { (name, $0.value) } })
    }

    private static func important(_ pairs: [(name: String, value: String)]) -> String {
        CSSDeclarations.text(pairs.map { ($0.name, $0.value.lowercased().hasSuffix("!important") ? $0.value : "\($0.value) !important") })
    }

    // MARK: - Reading

    private static func withoutComments(_ text: String) -> String {
        var result = ""
        var rest = text.replacing("<!--", with: "").replacing("-->", with: "")[...]
        while let start = rest.firstRange(of: "/*") {
            result += rest[..<start.lowerBound]
            rest = rest[start.upperBound...].firstRange(of: "*/").map { rest[$0.upperBound...] } ?? ""
        }
        return result + rest
    }

    /// What stands before and within the next braces; nil where there are none.
    private static func block(_ rest: inout Substring) -> (head: Substring, body: Substring)? {
        guard let open = rest.firstIndex(of: "{") else { return nil }
        let head = rest[..<open]
        var depth = 0
        for index in rest[open...].indices {
            if rest[index] == "{" { depth += 1 }
            if rest[index] == "}" { depth -= 1 }
            guard depth == 0 else { continue }
            let body = rest[rest.index(after: open)..<index]
            rest = rest[rest.index(after: index)...]
            return (head, body)
        }
        let body = rest[rest.index(after: open)...]
        rest = ""
        return (head, body)
    }

    /// As it stands, and that of a media query made important. `@import` and `@charset` are left out: mail programs fetch nothing.
    private static func atRule(_ rest: inout Substring) -> String {
        let name = rest.dropFirst().prefix { $0.isLetter || $0 == "-" }.lowercased()
        if name == "import" || name == "charset" || name == "namespace" {
            rest = rest.firstIndex(of: ";").map { rest[rest.index(after: $0)...] } ?? ""
            return ""
        }
        guard let (head, body) = block(&rest) else {
            rest = ""
            return ""
        }
        guard name == "media" || name == "supports" else { return "\(head.trimmed) {\(body)}\n" }
        var inner = ""
        var left = body
        while true {
            left = left.drop { $0.isWhitespace || $0 == ";" }
            guard !left.isEmpty else { break }
            if left.first == "@" {
                inner += atRule(&left)
            } else {
                guard let (head, body) = block(&left) else { break }
                inner += "\(head.trimmed) { \(important(CSSDeclarations.pairs(String(body)))) }\n"
            }
        }
        return "\(head.trimmed) {\n\(inner)}\n"
    }
}
