/// Writes the rules of a page's style blocks into the style attributes of its elements: many programs of readers pass over style blocks.
///
/// Simple selectors (elements, classes, identifiers, attributes, descendants, children) are inlined by specificity and order, as CSS 2.1 §6.4
/// has it; what an element says itself stands above, but for `!important`. What cannot be inlined (media queries, `:hover`, `@font-face`) stays
/// in a style block, made `!important`, so that it still wins over what was inlined. Tags of templates are left as they are.
package enum CSSInliner {
    /// A page beyond these keeps its style blocks as they are.
    package static let styleOctetsMax = 131_072
    package static let rulesMax = 2000
    package static let elementsMax = 20_000
    /// Elements around another that selectors look at.
    static let depthMax = 200

    package static func inlined(_ html: String) -> String {
        guard html.lowercased().contains("<style") else { return html }
        let scan = PageScan(html)
        guard !scan.isFull, let sheet = StyleSheet(scan.styles.joined(separator: "\n")) else { return html }
        return scan.written(by: sheet)
    }
}

/// The page in pieces that are kept as they stand, but for start tags and style blocks.
private struct PageScan {
    private enum Piece {
        case kept(Substring)
        /// A start tag with what it was read as.
        case opened(Substring, StyledElement)
        case closed(Substring, name: String)
        case style
    }

    private(set) var styles: [String] = []
    private(set) var isFull = false
    private var pieces: [Piece] = []
    private var elements = 0

    init(_ html: String) {
        var rest = html[...]
        while let start = rest.firstIndex(of: "<"), !isFull {
            keep(rest[..<start])
            rest = rest[start...]
            if rest.hasPrefix("<!--") {
                let end = rest.firstRange(of: "-->")?.upperBound ?? rest.endIndex
                keep(rest[..<end])
                rest = rest[end...]
                continue
            }
            guard let end = HTMLTokens.end(of: rest) else { break }
            let tag = rest[...end]
            rest = take(tag, rest[rest.index(after: end)...])
        }
        keep(rest)
    }

    private mutating func keep(_ text: Substring) { if !text.isEmpty { pieces.append(.kept(text)) } }

    /// Returns what is left to read.
    private mutating func take(_ tag: Substring, _ rest: Substring) -> Substring {
        let inside = tag.dropFirst().dropLast()
        guard let first = inside.first, first == "/" || first.isLetter else {
            keep(tag)
            return rest
        }
        if first == "/" {
            pieces.append(.closed(tag, name: inside.dropFirst().prefix { !$0.isWhitespace }.lowercased()))
            return rest
        }
        let element = StyledElement(inside)
        elements += 1
        isFull = elements > CSSInliner.elementsMax
        guard ["style", "script", "title"].contains(element.name) else {
            pieces.append(.opened(tag, element))
            return rest
        }
        let close = rest.firstRange(of: "</\(element.name)")?.lowerBound ?? rest.endIndex
        guard element.name == "style" else {
            keep(tag)
            keep(rest[..<close])
            return rest[close...]
        }
        styles.append(String(rest[..<close]))
        pieces.append(.style)
        let end = rest[close...].firstIndex(of: ">").map { rest.index(after: $0) } ?? rest.endIndex
        return rest[end...]
    }

    func written(by sheet: StyleSheet) -> String {
        var html = ""
        var isFirst = true
        var around: [StyledElement] = []
        for piece in pieces {
            switch piece {
            case .kept(let text): html += text
            case .style:
                if isFirst, !sheet.kept.isEmpty { html += "<style>\n\(sheet.kept)</style>" }
                isFirst = false
            case .opened(let tag, let element):
                let style = sheet.style(of: element, in: around)
                html += style == element.style ? String(tag) : element.tag(String(tag), with: style)
                let isOpen = !HTMLTokens.voids.contains(element.name) && !tag.hasSuffix("/>")
                // What lies deeper is styled by what is around it up to there.
                if isOpen, around.count < CSSInliner.depthMax { around.append(element) }
            case .closed(let tag, let name):
                if let place = around.lastIndex(where: { $0.name == name }) { around.removeLast(around.count - place) }
                html += tag
            }
        }
        return html
    }
}

/// An element as far as selectors look at it.
struct StyledElement {
    let name: String
    let identifier: String
    let classes: Set<String>
    let style: String
    let attributes: [String: String]

    /// What stands between the signs of a start tag.
    init(_ inside: Substring) {
        let name = inside.prefix { !$0.isWhitespace && $0 != "/" }
        self.name = name.lowercased()
        attributes = HTMLTokens.attributes(inside[name.endIndex...])
        identifier = attributes["id"] ?? ""
        classes = Set((attributes["class"] ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
        style = attributes["style"] ?? ""
    }

    /// The tag with another style attribute; all else stays as it was written.
    func tag(_ tag: String, with style: String) -> String {
        let value = "style=\"\(style.replacing("&", with: "&amp;").replacing("\"", with: "&quot;"))\""
        if let place = StyledElement.styleAttribute(in: tag[...]) { return tag[..<place.lowerBound] + value + tag[place.upperBound...] }
        let end = tag.hasSuffix("/>") ? tag.index(tag.endIndex, offsetBy: -2) : tag.index(before: tag.endIndex)
        let head = tag[..<end]
        return head + (head.last?.isWhitespace == true ? "" : " ") + value + (tag.hasSuffix("/>") ? " " : "") + tag[end...]
    }

    /// Where `style="…"` stands in a start tag: quotes of other attributes hide it.
    private static func styleAttribute(in tag: Substring) -> Range<Substring.Index>? {
        var rest = tag.dropFirst().drop { !$0.isWhitespace }
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "/" }
            let start = rest.startIndex
            let name = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != "/" && $0 != ">" }
            guard !name.isEmpty else { return nil }
            rest = rest[name.endIndex...]
            let after = rest.drop(while: \.isWhitespace)
            if after.first == "=" {
                let value = after.dropFirst().drop(while: \.isWhitespace)
                if let quote = value.first, quote == "\"" || quote == "'" {
                    let inner = value.dropFirst().prefix { $0 != quote }
                    rest = value[inner.endIndex...].dropFirst()
                } else {
                    rest = value.drop { !$0.isWhitespace && $0 != ">" }
                }
            }
            if name.lowercased() == "style" { return start..<rest.startIndex }
        }
    }
}
