package import InternetMessage

/// What a message holds, read out of its octets: texts as a reader sees them, links, files. Made by `ContentReading`.
package struct MessageContent: Sendable {
    /// Octets of the whole message.
    package var bytes = 0
    /// The message's own header, in order.
    package var fields: [ContentField] = []
    /// Every part that has no parts of its own.
    package var parts: [ContentPart] = []
    /// The text parts, UTF-8.
    package var plain: [UInt8] = []
    /// All HTML parts together; nil where there is none.
    package var html: HTMLContent?
    /// Of HTML and of the plain text, in this order.
    package var links: [ContentLink] = []
    package var defects: Set<MIMEDefect> = []
    /// True where a limit ended the reading of a text or of the links.
    package var isCut = false

    package init() {}

    /// The first field of that name (in lower case), empty where there is none.
    package func field(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
    package func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// What a reader sees first: the HTML where there is one, as nearly every mail program shows it.
    package var shownText: [UInt8] { html.map { $0.visible.isEmpty ? plain : $0.visible } ?? plain }
}

package struct ContentField: Hashable, Sendable {
    /// Lower case.
    package var name: String
    package var writtenName: String
    /// On one line, decoded, at most 500 characters.
    package var value: String

    package init(name: String, value: String) {
        (self.name, writtenName, self.value) = (name.lowercased(), name, value)
    }
}

package struct ContentPart: Hashable, Sendable {
    /// `text/html`.
    package var type: String
    /// Empty where the part has none.
    package var name: String
    package var charset: String
    package var isAttachment: Bool
    /// Octets, still encoded.
    package var bytes: Int
    /// The first octets, decoded: what the part is, whatever it says.
    package var start: [UInt8]

    package init(type: String, name: String, charset: String, isAttachment: Bool, bytes: Int, start: [UInt8]) {
        (self.type, self.name, self.charset) = (type, name, charset)
        (self.isAttachment, self.bytes, self.start) = (isAttachment, bytes, start)
    }
}

/// What an HTML reader told of a text.
package struct HTMLContent: Sendable {
    /// What is to be seen, UTF-8, a line for each block.
    package var visible: [UInt8] = []
    /// What is there and not to be seen: the same for text that is too small, has the colour of its ground, or is switched off.
    package var hidden: [UInt8] = []
    /// Names of elements in their order, as small numbers: the form of the page.
    package var structure: [UInt16] = []
    package var images = 0
    package var forms = 0
    package var scripts = 0
    /// Frames, objects and the like: content that comes from elsewhere.
    package var embeds = 0

    package init() {}
}

/// An address that a message leads to or loads from.
package struct ContentLink: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// To click on.
        case anchor
        /// In the plain text, or in what HTML shows.
        case written
        /// Loaded when the message is looked at.
        case image
        /// As `image`, and one or two pixels large.
        case pixel
        /// Where a form goes.
        case form
    }

    package var kind: Kind
    package var address: LinkAddress
    package var host: LinkHost
    /// What a reader sees in its place, at most 200 octets of UTF-8; empty for an image.
    package var text: String

    package init(kind: Kind, address: LinkAddress, host: LinkHost, text: String) {
        (self.kind, self.address, self.host, self.text) = (kind, address, host, text)
    }
}

/// The host of a link in the forms that questions need.
package struct LinkHost: Hashable, Sendable {
    /// Lower case, A-labels: `xn--bcher-kva.example`.
    package var name: String
    /// As a reader may see it: `bücher.example`.
    package var shown: String
    /// What somebody has registered: `bücher.co.uk` of `shop.bücher.co.uk`, as A-labels. The name itself where no rule says more.
    package var site: String

    package init(name: String, shown: String, site: String) { (self.name, self.shown, self.site) = (name, shown, site) }
}
