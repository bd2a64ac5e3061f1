import Foundation
import MailModel
import Testing

@testable import DeliveryPlanning

/// The table against the list of replies that stands beside the project: every row is known, with the same person and the same retry.
@Suite struct ProviderReplyTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../../shared/reference/provider-replies.csv")
    private static let isThere = FileManager.default.fileExists(atPath: file.standardizedFileURL.path)

    private struct Row {
        var provider: String
        var code: String
        var enhanced: String
        var pattern: String
        var whoActs: String
        var retry: String
    }

    @Test(.enabled(if: isThere, "there is no list of replies beside the project")) func everyRowIsKnown() throws {
        let rows = CSVText.rows(try String(contentsOf: ProviderReplyTests.file, encoding: .utf8)).dropFirst().map {
            Row(provider: $0[0], code: $0[1], enhanced: $0[2], pattern: $0[3], whoActs: $0[5], retry: $0[6])
        }
        #expect(rows.count > 230)
        let expressions = try rows.map { try Regex($0.pattern).ignoresCase() }
        for row in rows {
            let hint = try #require(ReplyProvider(rawValue: row.provider))
            for words in PatternTexts.texts(of: row.pattern) {
                let text = "\(row.code.replacing("x", with: "0")) \(words)"
                // The first of the provider's rows wins, which may be one before this.
                let expected = zip(rows, expressions).first { other, expression in
                    other.provider == row.provider && (try? expression.firstMatch(in: text)) != nil
                }?.0
                let found = ReplyMeaning.of(text: text, hint: hint)
                #expect(expected != nil, "\(text) is no text of \(row.pattern)")
                #expect(
                    found?.provider == hint && found?.whoActs.rawValue == expected?.whoActs && found?.retry.rawValue == expected?.retry,
                    "\(text): \(found?.rule ?? "unknown"), expected \(expected?.whoActs ?? "") \(expected?.retry ?? "")")
                if let plain = ReplyMeaning.of(text: text) {
                    #expect(plain.whoActs == found?.whoActs || plain.provider != hint, "\(text): \(plain.rule) without a hint")
                } else {
                    Issue.record("\(text) is unknown without a hint")
                }
            }
        }
    }

    @Test func theListIsReadAndItsPatternsTurnIntoTexts() {
        #expect(CSVText.rows("a,\"b, \"\"c\"\"\"\nd,e\n") == [["a", "b, \"c\""], ["d", "e"]])
        #expect(PatternTexts.texts(of: #"5\.7\.(13|135) e?mail .*x\d+ [45]\S* (has )?(?!a)b."#).first == "5.7.13 email x7 4 has b'")
    }
}

/// RFC 4180.
private enum CSVText {
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row = [""]
        var isQuoted = false
        var wasQuote = false
        for character in text {
            if character == "\"" {
                if wasQuote { row[row.count - 1].append("\"") }
                wasQuote = isQuoted && !wasQuote
                isQuoted.toggle()
                continue
            }
            wasQuote = false
            switch character {
            case "," where !isQuoted: row.append("")
            case "\n" where !isQuoted, "\r\n" where !isQuoted:
                rows.append(row)
                row = [""]
            default: row[row.count - 1].append(character)
            }
        }
        return row == [""] ? rows : rows + [row]
    }
}

/// Texts that a regular expression of the list matches: one for each of its choices.
private enum PatternTexts {
    static func texts(of pattern: String) -> [String] {
        var rest = Substring(pattern)
        return choices(&rest)
    }

    private static func choices(_ rest: inout Substring) -> [String] {
        var all: [String] = []
        var current = [""]
        while let character = rest.first, character != ")" {
            rest.removeFirst()
            if character == "|" {
                all += current
                current = [""]
                continue
            }
            var piece = piece(character, &rest)
            switch rest.first {
            case "?":
                rest.removeFirst()
                piece.append("")
            case "*":
                rest.removeFirst()
                piece = [""]
            case "+": rest.removeFirst()
            default: break
            }
            current = current.flatMap { start in piece.map { start + $0 } }
        }
        return all + current
    }

    private static func piece(_ character: Character, _ rest: inout Substring) -> [String] {
        switch character {
        case "\\":
            switch rest.removeFirst() {
            case "d": return ["7"]
            case "w", "S": return ["a"]
            case let other: return ["\(other)"]
            }
        case ".": return ["'"]
        case "[":
            let first = rest.first ?? "a"
            while let next = rest.popFirst(), next != "]" { if next == "\\" { rest.removeFirst() } }
            return [first == "^" ? "a" : "\(first)"]
        case "(":
            if rest.hasPrefix("?!") {
                _ = choices(&rest)
                rest.removeFirst()
                return [""]
            }
            let inner = choices(&rest)
            rest.removeFirst()
            return inner
        default: return ["\(character)"]
        }
    }
}
