/// The links of an HTML text that lead to one fixed place, and the text with a tag in the place of each: what is filled in for a person is
/// the link itself, or, with consent, an address that counts and leads there.
package struct TrackedLinks: Hashable, Sendable {
    /// In the order of their first use, each once.
    package private(set) var addresses: [String] = []
    package private(set) var html = ""

    package static let addressesMax = 500

    /// The tag's name for the link at a place. No column has such a name.
    package static func name(_ place: Int) -> String { "\(prefix)link:\(place)" }
    package static let pixelName = "\(prefix)pixel"
    static let prefix = "postern:"

    package init(_ text: String) {
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            html += rest[..<start]
            rest = rest[start...]
            if rest.hasPrefix("<!--") {
                let end = rest.firstRange(of: "-->")?.upperBound ?? rest.endIndex
                html += rest[..<end]
                rest = rest[end...]
            } else if let end = HTMLTokens.end(of: rest) {
                take(rest[...end])
                rest = rest[end...].dropFirst()
            } else {
                html += rest
                rest = ""
            }
        }
        html += rest
    }

    /// An element's start, from `<` through `>`.
    private mutating func take(_ tag: Substring) {
        let inside = tag.dropFirst()
        guard inside.first == "a" || inside.first == "A", inside.dropFirst().first?.isWhitespace == true,
            let value = TrackedLinks.target(tag)
        else {
            html += tag
            return
        }
        let address = HTMLTokens.decoded(value)
        guard TrackedLinks.isFixed(address), let place = place(of: address) else {
            html += tag
            return
        }
        html += tag[..<value.startIndex] + "{{\(TrackedLinks.name(place))}}" + tag[value.endIndex...]
    }

    private mutating func place(of address: String) -> Int? {
        if let known = addresses.firstIndex(of: address) { return known }
        guard addresses.count < TrackedLinks.addressesMax else { return nil }
        addresses.append(address)
        return addresses.count - 1
    }

    /// Leads to the web, the same for everybody.
    private static func isFixed(_ address: String) -> Bool {
        let lower = address.lowercased()
        return (lower.hasPrefix("https://") || lower.hasPrefix("http://")) && !address.contains("{{")
            && !address.contains { $0.isWhitespace || $0.isNewline }
    }

    /// What stands between the quotes of `href`; nil where there is none.
    private static func target(_ tag: Substring) -> Substring? {
        var rest = tag.dropFirst().drop { !$0.isWhitespace }
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "/" }
            let name = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != "/" && $0 != ">" }
            guard !name.isEmpty else { return nil }
            rest = rest[name.endIndex...].drop(while: \.isWhitespace)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            guard let quote = rest.first, quote == "\"" || quote == "'" else {
                // Without quotes: left as it is.
                rest = rest.drop { !$0.isWhitespace && $0 != ">" }
                continue
            }
            let value = rest.dropFirst().prefix { $0 != quote }
            if name.lowercased() == "href" { return value }
            rest = rest[value.endIndex...].dropFirst()
        }
    }
}
