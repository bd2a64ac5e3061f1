import MailModel

/// A reply as rules look at it: its codes, and its words in one line without case.
struct ReplyText: Hashable, Sendable {
    /// 200…599; nil where the text gives none.
    var code: Int?
    /// All that the text holds, in order; the first is the reply's own.
    var enhanced: [EnhancedStatusCode]
    /// Lower case, one space between words, straight apostrophes.
    var words: [UInt8]
    /// Where the words begin behind the codes.
    var start: Int

    /// Longer texts are cut: replies of peers are bounded already, and a person's paste need not be longer.
    static let bytesMax = 20_000
    private static let enhancedMax = 8
    private static let quotesMax = 4

    /// The reply that stands innermost comes first: `A -> B` is host A's report of what host B said.
    static func readings(of text: String) -> [(text: ReplyText, isQuoted: Bool)] {
        let joined = Array(joinedLines(text).utf8.prefix(bytesMax))
        var parts: [[UInt8]] = []
        var rest = joined[...]
        while let arrow = rest.indices.last(where: { rest[$0] == 0x3E && $0 > rest.startIndex && rest[$0 - 1] == 0x2D }),
            parts.count < quotesMax
        {
            parts.append(Array(rest[(arrow + 1)...]))
            rest = rest[..<(arrow - 1)]
        }
        let whole = ReplyText(words: joined)
        return parts.map { (ReplyText(words: $0), true) } + [(whole, !parts.isEmpty || whole.quotesAnother)]
    }

    /// The text as one reply, whoever it quotes.
    static func whole(of text: String) -> ReplyText { ReplyText(words: Array(joinedLines(text).utf8.prefix(bytesMax))) }

    private init(words: [UInt8]) {
        let tokens = words.split(separator: 0x20).map { Array($0) }
        code = ReplyText.code(tokens)
        enhanced = []
        for token in tokens where enhanced.count < ReplyText.enhancedMax {
            if let found = ReplyText.enhancedCode(in: token) { enhanced.append(found) }
        }
        self.words = ReplyText.withoutRepeatedCodes(tokens, code)
        var codes = 0
        for token in tokens.prefix(2) where token.allSatisfy({ !($0 >= 0x61 && $0 <= 0x7A) }) { codes += token.count + 1 }
        start = min(codes, self.words.count)
    }

    /// Words in which servers repeat what another one told them.
    private var quotesAnother: Bool { ReplyText.quotation.matches(self) }
    private static let quotation = ReplyPattern("remote server returned|{host|server|mx} … said:")

    // MARK: - Lines

    /// One line of lower case; the code before each further line is dropped.
    private static func joinedLines(_ text: String) -> String {
        var line = ""
        line.reserveCapacity(text.utf8.count)
        var wasSpace = true
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{2018}", "\u{2019}", "\u{02BC}": line.unicodeScalars.append("'")
            case _ where scalar.properties.isWhitespace || scalar.value < 0x20:
                if !wasSpace { line.unicodeScalars.append(" ") }
            case "A"..."Z": line.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
            default: line.unicodeScalars.append(scalar)
            }
            wasSpace = scalar.properties.isWhitespace || scalar.value < 0x20
        }
        return line
    }

    /// `550-5.7.26 first 550-5.7.26 second 550 5.7.26 last`: the codes of the further lines stand in the middle of the words.
    private static func withoutRepeatedCodes(_ tokens: [[UInt8]], _ code: Int?) -> [UInt8] {
        var kept: [[UInt8]] = []
        var position = 0
        let digits = code.map { Array("\($0)".utf8) } ?? []
        while position < tokens.count {
            let token = tokens[position]
            if position > 0, token == digits, position + 1 < tokens.count, enhancedCode(in: tokens[position + 1]) != nil {
                position += 2
                continue
            }
            if position > 0, !digits.isEmpty, token.starts(with: digits + [0x2D]) {
                let rest = Array(token.dropFirst(4))
                if enhancedCode(in: rest) == nil, !rest.isEmpty { kept.append(rest) }
                position += 1
                continue
            }
            kept.append(token)
            position += 1
        }
        return Array(kept.joined(separator: [0x20]))
    }

    // MARK: - Codes

    /// At the very start, or before an enhanced code: any other number is part of the words.
    private static func code(_ tokens: [[UInt8]]) -> Int? {
        for (position, token) in tokens.enumerated() {
            let bare = token.drop { !isDigit($0) }
            let digits = bare.prefix(while: isDigit)
            guard digits.count == 3, let number = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(number) else {
                continue
            }
            let after = Array(bare.dropFirst(3))
            if after.isEmpty {
                if position == 0 || position + 1 < tokens.count && enhancedCode(in: tokens[position + 1]) != nil { return number }
            } else if [0x2C, 0x2D, 0x3B].contains(after[0]), position == 0 || enhancedCode(in: Array(after.dropFirst())) != nil {
                return number
            }
        }
        return nil
    }

    /// `5.7.1`, also as `(5.7.1)`, `#5.1.1`, `550;5.7.711`, `550-5.7.26` and with a full stop behind it; nothing longer, such as an address.
    private static func enhancedCode(in token: [UInt8]) -> EnhancedStatusCode? {
        for start in token.indices where isDigit(token[start]) && (start == 0 || !isPart(token[start - 1])) {
            var end = start
            while end < token.count, isPart(token[end]) { end += 1 }
            while end > start, token[end - 1] == 0x2E { end -= 1 }
            if let code = EnhancedStatusCode(String(decoding: token[start..<end], as: UTF8.self)) { return code }
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isPart(_ byte: UInt8) -> Bool { isDigit(byte) || byte == 0x2E }
}
