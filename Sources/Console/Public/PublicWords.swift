import Foundation

/// What public pages and the mail around them say, in one language. Each language has a file of its own, embedded in the program; a test
/// compares their keys.
package struct PublicWords: Sendable {
    /// Two letters, as `lang` of HTML has it.
    package let language: String
    let texts: [String: String]

    /// The first is what stands in where nothing is known of the reader.
    package static let languages = ["en", "de", "fr", "es"]

    private static let all: [String: PublicWords] = {
        var all: [String: PublicWords] = [:]
        for language in languages {
            guard let asset = ConsoleAsset.all.first(where: { $0.name == "words-\(language).json" }),
                let texts = try? JSONDecoder().decode([String: String].self, from: Data(asset.bytes))
            else { preconditionFailure("the words of \(language) cannot be read: they are part of the program") }
            all[language] = PublicWords(language: language, texts: texts)
        }
        return all
    }()

    package static func of(_ language: String) -> PublicWords { all[language] ?? all["en"]! }

    /// `values` stand in the place of `{name}`. Traps for a key that there is not: keys are part of the program.
    package func text(_ key: String, _ values: [String: String] = [:]) -> String {
        guard let text = texts[key] else { preconditionFailure("\(language) has no words \(key)") }
        return values.isEmpty ? text : PublicWords.filled(text[...], values)
    }

    /// In one pass: what was filled in is not looked at again.
    private static func filled(_ text: Substring, _ values: [String: String]) -> String {
        var (rest, result) = (text, "")
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...].dropFirst()
            guard let close = rest.firstIndex(of: "}"), let value = values[String(rest[..<close])] else {
                result += "{"
                continue
            }
            result += value
            rest = rest[close...].dropFirst()
        }
        return result + rest
    }

    /// The reader's language: `fixed` says which, whoever reads; then what is known of the person; then what the browser asks for
    /// (Accept-Language, RFC 9110 §12.5.4).
    package static func language(fixed: String?, person: String?, accepted: String) -> String {
        if let fixed, languages.contains(fixed) { return fixed }
        if let known = person.flatMap(known) { return known }
        let wishes = accepted.split(separator: ",").prefix(20).enumerated().compactMap { place, wish -> (Double, Int, String)? in
            let parts = wish.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let language = parts.first.flatMap(known) else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return weight > 0 ? (-weight, place, language) : nil
        }
        return wishes.min { ($0.0, $0.1) < ($1.0, $1.1) }?.2 ?? languages[0]
    }

    /// `de-AT`, `DE`, `de_CH`, `German`, `Deutsch`.
    private static func known(_ text: String) -> String? {
        let lower = text.lowercased()
        if let code = languages.first(where: { lower == $0 || lower.hasPrefix("\($0)-") || lower.hasPrefix("\($0)_") }) { return code }
        return [
            "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "francais": "fr", "spanish": "es",
            "español": "es", "espanol": "es",
        ][lower]
    }
}
