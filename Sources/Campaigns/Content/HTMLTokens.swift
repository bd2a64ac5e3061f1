/// The elements and texts of HTML in their order, for our own templates and what authors write: no reader of hostile mail.
struct HTMLTokens {
    enum Token: Hashable {
        case text(String)
        case open(String, [String: String])
        case close(String)
    }

    private(set) var tokens: [Token] = []

    /// Elements that are never closed.
    static let voids: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    ]

    init(_ html: String) {
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            append(rest[..<start])
            rest = rest[start...]
            if rest.hasPrefix("<!--") {
                rest = rest.firstRange(of: "-->").map { rest[$0.upperBound...] } ?? ""
            } else if let end = HTMLTokens.end(of: rest) {
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
                tag(inside)
                if case .open(let name, _)? = tokens.last, name == "style" || name == "script" || name == "title" {
                    let close = rest.firstRange(of: "</\(name)")?.lowerBound ?? rest.endIndex
                    rest = rest[close...]
                }
            } else {
                append(rest)
                rest = ""
            }
        }
        append(rest)
    }

    /// Where an element ends: quotes hide its sign.
    static func end(of text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == ">" {
                return index
            }
        }
        return nil
    }

    private mutating func append(_ text: Substring) {
        if !text.isEmpty { tokens.append(.text(HTMLTokens.decoded(text))) }
    }

    private mutating func tag(_ text: Substring) {
        guard let first = text.first else { return }
        if first == "/" {
            tokens.append(.close(text.dropFirst().prefix { !$0.isWhitespace }.lowercased()))
        } else if first.isLetter {
            let name = text.prefix { !$0.isWhitespace && $0 != "/" }
            tokens.append(.open(name.lowercased(), HTMLTokens.attributes(text[name.endIndex...])))
        }
    }

    static func attributes(_ text: Substring) -> [String: String] {
        var rest = text
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "/" }
            let name = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != "/" }
            guard !name.isEmpty else { return attributes }
            rest = rest[name.endIndex...].drop(while: \.isWhitespace)
            var value: Substring = ""
            if rest.first == "=" {
                rest = rest.dropFirst().drop(while: \.isWhitespace)
                if let quote = rest.first, quote == "\"" || quote == "'" {
                    rest = rest.dropFirst()
                    value = rest.prefix { $0 != quote }
                    rest = rest[value.endIndex...].dropFirst()
                } else {
                    value = rest.prefix { !$0.isWhitespace }
                    rest = rest[value.endIndex...]
                }
            }
            if attributes[name.lowercased()] == nil { attributes[name.lowercased()] = decoded(value) }
        }
    }

    private static let entities: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®", "ndash": "–", "mdash": "—",
        "hellip": "…", "euro": "€", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "bull": "•",
        "middot": "·", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é",
    ]

    /// Character references as what they stand for; those that are not known stay.
    static func decoded(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...].dropFirst()
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "#" }
            guard let value = character(name), rest[name.endIndex...].first == ";" else {
                result += "&"
                continue
            }
            result += value
            rest = rest[name.endIndex...].dropFirst()
        }
        return result + rest
    }

    private static func character(_ name: Substring) -> String? {
        guard name.first == "#" else { return entities[name] }
        let digits = name.dropFirst()
        let number = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }
}
