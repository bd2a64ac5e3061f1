/// Swift text looked at from outside: without a compiler, so that the checks run in a second.
struct SwiftSource {
    let path: String
    let text: String
    /// The text with comments and the contents of string literals blanked; line ends and columns stay.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        var blanker = Blanker(Array(text.utf8))
        code = blanker.blanked()
    }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Modules of `import` lines, whatever access they have.
    var imports: [String] {
        codeLines.compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position + 1 < words.count else { return nil }
            let isDeclaration = words[..<position].allSatisfy {
                $0.hasPrefix("@") || ["package", "internal", "public", "private"].contains($0)
            }
            return isDeclaration ? String(words[position + 1]) : nil
        }
    }

    /// Line numbers, from 1, on which `word` stands in the code with no letter, digit or underscore on either side.
    func lines(withWord word: String) -> [Int] {
        codeLines.enumerated().compactMap { index, line in
            var rest = line[...]
            while let range = rest.firstRange(of: word) {
                let before = range.lowerBound == line.startIndex ? nil : line[line.index(before: range.lowerBound)]
                let after = range.upperBound == line.endIndex ? nil : line[range.upperBound]
                let endsInWord = word.last?.isIdentifierPart ?? false
                if !(before?.isIdentifierPart ?? false), !(endsInWord && (after?.isIdentifierPart ?? false)) { return index + 1 }
                rest = line[range.upperBound...]
            }
            return nil
        }
    }

    /// Functions and initialisers with a body: name, first line from 1, and how many lines they have.
    var functions: [(name: String, line: Int, length: Int)] {
        var found: [(String, Int, Int)] = []
        let bytes = Array(code.utf8)
        var line = 1
        for position in bytes.indices {
            if bytes[position] == 0x0A { line += 1 }
            for keyword in ["func", "init", "deinit", "subscript"] where stands(keyword, at: position, in: bytes) {
                guard let (start, end) = body(after: position, in: bytes) else { continue }
                let length = bytes[position...end].count { $0 == 0x0A } + 1
                let name = String(decoding: bytes[position..<min(start, position + 60)].prefix { $0 != 0x28 }, as: UTF8.self)
                found.append((name, line, length))
            }
        }
        return found
    }

    private func stands(_ keyword: String, at position: Int, in bytes: [UInt8]) -> Bool {
        let word = Array(keyword.utf8)
        let end = position + word.count
        guard end < bytes.count, bytes[position] == word[0], Array(bytes[position..<end]) == word else { return false }
        let before = position > 0 ? bytes[position - 1] : 0x20
        return (before == 0x20 || before == 0x0A) && (bytes[end] == 0x20 || bytes[end] == 0x28 || bytes[end] == 0x3F || bytes[end] == 0x3C)
    }

    /// Opening and closing brace of the body that belongs to the declaration at `position`; nil for a requirement of a protocol.
    private func body(after position: Int, in bytes: [UInt8]) -> (start: Int, end: Int)? {
        var index = position
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x28, 0x5B: depth += 1
            case 0x29, 0x5D: depth -= 1
            case 0x7D where depth == 0: return nil
            case 0x0A where depth == 0 && beginsDeclaration(bytes[(index + 1)...]): return nil
            case 0x7B where depth == 0: return end(of: index, in: bytes).map { (index, $0) }
            default: break
            }
            index += 1
        }
        return nil
    }

    private func beginsDeclaration(_ rest: ArraySlice<UInt8>) -> Bool {
        let word = rest.prefix { $0 != 0x0A }.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0x28 }
        let words: Set = [
            "package", "private", "fileprivate", "internal", "static", "mutating", "nonisolated", "func", "var", "let", "init", "case",
            "associatedtype",
            "struct", "enum", "class", "extension", "protocol", "import",
        ]
        return words.contains(String(decoding: word, as: UTF8.self)) || word.first == 0x40
    }

    private func end(of open: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == 0x7B { depth += 1 }
            if bytes[index] == 0x7D {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}

extension Character {
    fileprivate var isIdentifierPart: Bool { isLetter || isNumber || self == "_" }
}

/// Blanks comments and string contents in one pass; interpolated code stays.
private struct Blanker {
    private let bytes: [UInt8]
    private var output: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        output = bytes
    }

    mutating func blanked() -> String {
        code(untilParenthesis: false)
        return String(decoding: output, as: UTF8.self)
    }

    private func has(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] != 0x0A { output[position] = 0x20 }
            position += 1
        }
    }

    /// Code to the end, or to the parenthesis that closes an interpolation.
    private mutating func code(untilParenthesis: Bool) {
        var depth = 1
        while position < bytes.count {
            if has("//") {
                while position < bytes.count, bytes[position] != 0x0A { blank() }
            } else if has("/*") {
                while position < bytes.count, !has("*/") { blank() }
                blank(2)
            } else if bytes[position] == 0x22 || bytes[position] == 0x23 && isRawString {
                string()
            } else {
                if bytes[position] == 0x28 { depth += 1 }
                if bytes[position] == 0x29 { depth -= 1 }
                position += 1
                if untilParenthesis, depth == 0 { return }
            }
        }
    }

    private var isRawString: Bool { bytes[position...].first { $0 != 0x23 } == 0x22 }

    private mutating func string() {
        var hashes = 0
        while position < bytes.count, bytes[position] == 0x23 {
            hashes += 1
            position += 1
        }
        let quotes = has("\"\"\"") ? 3 : 1
        position += quotes
        let end = String(repeating: "\"", count: quotes) + String(repeating: "#", count: hashes)
        let escape = "\\" + String(repeating: "#", count: hashes)
        while position < bytes.count {
            if has(end) {
                position += end.utf8.count
                return
            }
            if has(escape + "(") {
                blank(escape.utf8.count)
                position += 1
                code(untilParenthesis: true)
            } else if has(escape) {
                blank(escape.utf8.count + 1)
            } else if quotes == 1, bytes[position] == 0x0A {
                return
            } else {
                blank()
            }
        }
    }
}
