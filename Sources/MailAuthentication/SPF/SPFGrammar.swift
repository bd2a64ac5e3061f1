/// What terms of a record may hold (RFC 7208 §12).
enum SPFGrammar {
    /// Visible ASCII, with spaces between terms.
    static func isText(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } }

    /// `macro-string`: nothing but literals and whole macros.
    static func isMacroText(_ text: some StringProtocol) -> Bool { end(of: text, letters: letters + "crtCRT") != nil }

    /// `c`, `r` and `t` stand in explanations alone.
    private static let letters = "slodiphvSLODIPHV"

    /// `domain-spec`: a macro-string that ends in a macro, or in a dot and a label that some top-level domain could be.
    static func isDomain(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, let end = end(of: text, letters: letters) else { return false }
        if end == .macro { return true }
        var text = Substring(text)
        if text.last == "." { text.removeLast() }
        guard let dot = text.lastIndex(of: ".") else { return false }
        return isTopLabel(text[text.index(after: dot)...])
    }

    private enum End {
        case literal, macro
    }

    /// Nil for a text that is none.
    private static func end(of text: some StringProtocol, letters: String) -> End? {
        var rest = Substring(text)
        var end = End.literal
        while let character = rest.popFirst() {
            guard character.isASCII, let byte = character.asciiValue, (0x21...0x7E).contains(byte) else { return nil }
            guard character == "%" else {
                end = .literal
                continue
            }
            end = .macro
            switch rest.popFirst() {
            case "%", "_", "-": continue
            case "{":
                guard let close = rest.firstIndex(of: "}"), isMacro(rest[..<close], letters) else { return nil }
                rest = rest[rest.index(after: close)...]
            default: return nil
            }
        }
        return end
    }

    /// What stands between braces.
    private static func isMacro(_ text: Substring, _ letters: String) -> Bool {
        guard let letter = text.first, letters.contains(letter) else { return false }
        var rest = text.dropFirst()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 3, digits.isEmpty || Int(digits) != 0 else { return false }
        rest = rest.dropFirst(digits.count)
        if rest.first == "r" || rest.first == "R" { rest = rest.dropFirst() }
        return rest.allSatisfy { ".-+,/_=".contains($0) }
    }

    /// Letters, digits and inner hyphens, not digits alone.
    private static func isTopLabel(_ text: Substring) -> Bool {
        guard let first = text.first, let last = text.last, first != "-", last != "-" else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } && !text.allSatisfy(\.isNumber)
    }

    /// A modifier's name.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }
}
