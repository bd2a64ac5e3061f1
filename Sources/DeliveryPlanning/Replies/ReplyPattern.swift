/// Words that a reply has to hold, written as in the provider's text: `…` for anything between, `{a|b}` for either, `#` for a number, `?` for
/// any one octet, `^` in front for right behind the codes; a `|` outside of braces separates whole patterns. Empty matches everything.
///
/// Each step is looked for behind the one before it, and there is no going back: a hostile text costs its length for each step.
struct ReplyPattern: Sendable {
    private enum Unit: Hashable, Sendable {
        case octet(UInt8)
        case number
        case any
    }

    private struct Whole: Sendable {
        var isAnchored: Bool
        /// Of alternatives.
        var steps: [[[Unit]]]
    }

    private let wholes: [Whole]

    /// `text`: lower case; a constant of this program.
    init(_ text: String) {
        wholes = ReplyPattern.split(text, at: "|").map { whole in
            let isAnchored = whole.hasPrefix("^")
            let steps = whole.drop { $0 == "^" }.split(separator: "…").map { step in
                ReplyPattern.expanded(ReplyPattern.trimmed(step)).map { Array($0.utf8).map(ReplyPattern.unit) }
            }
            return Whole(isAnchored: isAnchored, steps: steps)
        }
    }

    func matches(_ reply: ReplyText) -> Bool {
        wholes.contains { whole in
            var position = whole.isAnchored ? reply.start : 0
            for (number, step) in whole.steps.enumerated() {
                let ends = step.compactMap { units in
                    whole.isAnchored && number == 0
                        ? ReplyPattern.end(of: units, in: reply.words, at: position)
                        : ReplyPattern.end(of: units, in: reply.words, from: position)
                }
                guard let end = ends.min() else { return false }
                position = end
            }
            return true
        }
    }

    /// Where the first occurrence ends; nil where there is none.
    private static func end(of units: [Unit], in words: [UInt8], from start: Int) -> Int? {
        guard case .octet(let first)? = units.first else {
            return (start...words.count).lazy.compactMap { end(of: units, in: words, at: $0) }.first
        }
        var position = start
        while position < words.count {
            if words[position] == first, let end = end(of: units, in: words, at: position) { return end }
            position += 1
        }
        return nil
    }

    private static func end(of units: [Unit], in words: [UInt8], at start: Int) -> Int? {
        var position = start
        for unit in units {
            guard position < words.count else { return nil }
            switch unit {
            case .octet(let octet): guard words[position] == octet else { return nil }
            case .any: break
            case .number:
                guard isDigit(words[position]) else { return nil }
                while position + 1 < words.count, isDigit(words[position + 1]) { position += 1 }
            }
            position += 1
        }
        return position
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func unit(_ byte: UInt8) -> Unit {
        switch byte {
        case 0x23: .number
        case 0x3F: .any
        default: .octet(byte)
        }
    }

    private static func trimmed(_ step: Substring) -> String {
        var step = step.drop { $0 == " " }
        while step.last == " " { step.removeLast() }
        return String(step)
    }

    /// Every text that the braces allow.
    private static func expanded(_ text: String) -> [String] {
        guard let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}") else { return [text] }
        let choices = text[text.index(after: open)..<close].split(separator: "|", omittingEmptySubsequences: false)
        let (before, after) = (String(text[..<open]), String(text[text.index(after: close)...]))
        return choices.flatMap { expanded(before + $0 + after) }
    }

    /// At the separators that stand outside of braces.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if character == separator, depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }
}
