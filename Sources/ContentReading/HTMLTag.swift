/// What the name of an element says of how its text is read.
struct HTMLTag {
    /// The name as a number; names that meet in one are rare enough.
    let number: UInt16
    /// Its text is not for readers.
    var isSilent = false
    /// It begins a line.
    var isBlock = false
    /// A cell of a table: it begins a word.
    var isCell = false

    static func of(_ name: String) -> HTMLTag { known[name] ?? HTMLTag(name) }

    private init(_ name: String) {
        var hash: UInt32 = 2_166_136_261
        for octet in name.utf8 { hash = (hash ^ UInt32(octet)) &* 16_777_619 }
        number = UInt16(truncatingIfNeeded: hash ^ hash >> 16)
    }

    /// One look-up for each element.
    private static let known: [String: HTMLTag] = {
        var tags: [String: HTMLTag] = [:]
        for name in ["style", "script", "title", "head", "noframes", "template", "select"] {
            tags[name] = HTMLTag(name)
            tags[name]?.isSilent = true
        }
        for name in [
            "address", "article", "blockquote", "br", "center", "div", "dd", "dl", "dt", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
            "li", "ol", "p", "pre", "section", "table", "tr", "ul",
        ] {
            tags[name] = HTMLTag(name)
            tags[name]?.isBlock = true
        }
        for name in ["td", "th"] {
            tags[name] = HTMLTag(name)
            tags[name]?.isCell = true
        }
        for name in ["html", "body", "a", "area", "img", "font", "b", "i", "u", "em", "strong", "span", "tbody", "meta", "input"] {
            tags[name] = HTMLTag(name)
        }
        return tags
    }()
}
