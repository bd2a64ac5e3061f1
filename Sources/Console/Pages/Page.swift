/// A page of the console as a value: what stands on it, not how it looks. One template for each kind of block makes it HTML.
package struct Page: Sendable {
    package var title: String
    /// A sentence under the title; empty for none.
    package var lead: String
    /// Where the page hangs below another.
    package var back: Link?
    package var blocks: [Block]
    package var status = 200

    package init(_ title: String, lead: String = "", back: Link? = nil, blocks: [Block] = []) {
        self.title = title
        self.lead = lead
        self.back = back
        self.blocks = blocks
    }

    /// True where a part of it is renewed while it is looked at.
    var isLive: Bool {
        blocks.contains {
            if case .live = $0 { return true }
            return false
        }
    }
}

package struct Link: Hashable, Sendable {
    package var text: String
    package var href: String
    /// Marks the one of several that is looked at.
    package var isCurrent: Bool

    package init(_ text: String, _ href: String, isCurrent: Bool = false) {
        self.text = text
        self.href = href
        self.isCurrent = isCurrent
    }
}

/// What something means for the reader. Colour never says it alone: a word stands beside it.
package enum Tone: String, Sendable {
    case neutral, good, info, warning, bad
}

/// Part of a page.
package enum Block: Sendable {
    case heading(String)
    case text(String)
    /// As it is, in letters of one width.
    case code(String)
    case notice(Notice)
    case tiles([Tile])
    case facts([Fact])
    case table(Table)
    case form(Form)
    case timeline([Moment])
    case chart(Chart)
    case calendar(DayCalendar)
    case links([Link])
    /// HTML of the program's own handbook. Nothing else is put in as it is.
    case handbook(String)
    /// A message as its reader sees it, from an address of the console that answers with `PageAnswer.mail`.
    case mail(title: String, href: String)
    /// Renewed while it is looked at. `id`: unique on the page. It holds no forms to type into.
    case live(id: String, [Block])
}

package struct Notice: Sendable {
    package var tone: Tone
    package var title: String
    package var text: String
    package var items: [String]
    /// Shown this once, to be copied.
    package var secret: String
    package var link: Link?

    package init(_ tone: Tone, _ title: String, text: String = "", items: [String] = [], secret: String = "", link: Link? = nil) {
        self.tone = tone
        self.title = title
        self.text = text
        self.items = items
        self.secret = secret
        self.link = link
    }
}

/// A figure that is looked at rather than read.
package struct Tile: Sendable {
    package var name: String
    package var figure: String
    /// Unit, window, or what it is compared with.
    package var note: String
    package var tone: Tone
    package var href: String?

    package init(_ name: String, _ figure: String, note: String = "", tone: Tone = .neutral, href: String? = nil) {
        self.name = name
        self.figure = figure
        self.note = note
        self.tone = tone
        self.href = href
    }
}

/// A name with its value.
package struct Fact: Sendable {
    package var name: String
    package var value: String
    package var note: String
    package var href: String?
    package var tone: Tone?
    package var isCode: Bool

    package init(_ name: String, _ value: String, note: String = "", href: String? = nil, tone: Tone? = nil, isCode: Bool = false) {
        self.name = name
        self.value = value
        self.note = note
        self.href = href
        self.tone = tone
        self.isCode = isCode
    }
}

/// Something that happened.
package struct Moment: Sendable {
    /// RFC 3339.
    package var time: String
    package var title: String
    package var note: String
    package var tone: Tone
    /// Exactly what the other side said; empty for nothing.
    package var words: String
    /// Explanations.
    package var texts: [String]

    package init(_ time: String, _ title: String, note: String = "", tone: Tone = .neutral, words: String = "", texts: [String] = []) {
        self.time = time
        self.title = title
        self.note = note
        self.tone = tone
        self.words = words
        self.texts = texts
    }
}
