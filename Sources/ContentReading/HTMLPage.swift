import ContentScan

/// What a reader sees of a page, built from what its elements and texts are as they come.
struct HTMLPage {
    /// An element that is open.
    private struct Element {
        var name: String
        var appearance: Appearance
        /// Its text is not for readers: a style, a script, the title.
        var isSilent: Bool
    }

    private(set) var content = HTMLContent()
    private(set) var links: [(kind: ContentLink.Kind, address: LinkAddress, text: [UInt8])] = []
    private(set) var isFull = false
    private var open: [Element] = []
    private var elements = 0
    /// The anchor whose text is being read, by its place in `links`.
    private var anchor: Int?

    mutating func opened(_ name: String, _ attributes: HTMLAttributes) {
        elements += 1
        guard elements <= ReadingLimits.elementsMax, open.count < ReadingLimits.elementDepthMax else {
            isFull = true
            return
        }
        let tag = HTMLTag.of(name)
        content.structure.append(tag.number)
        var appearance = open.last?.appearance ?? Appearance()
        appearance.apply(attributes)
        open.append(Element(name: name, appearance: appearance, isSilent: tag.isSilent || open.last?.isSilent == true))
        note(name, attributes)
        separate(tag)
    }

    mutating func closed(_ name: String) {
        guard let place = open.lastIndex(where: { $0.name == name }) else { return }
        open.removeLast(open.count - place)
        if name == "a" { anchor = nil }
        separate(HTMLTag.of(name))
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard open.last?.isSilent != true else { return }
        guard open.last?.appearance.isHidden != true else {
            HTMLPage.append(bytes, to: &content.hidden)
            return
        }
        HTMLPage.append(bytes, to: &content.visible)
        guard let anchor, links[anchor].text.count < ReadingLimits.linkTextBytesMax else { return }
        HTMLPage.append(bytes, to: &links[anchor].text)
    }

    private mutating func note(_ name: String, _ attributes: HTMLAttributes) {
        switch name {
        case "a", "area":
            anchor = nil
            if let address = LinkAddress(attributes.target.utf8), add(.anchor, address) { anchor = links.count - 1 }
        case "img":
            content.images += 1
            if let address = LinkAddress(attributes.target.utf8) { add(attributes.isPixel ? .pixel : .image, address) }
        case "form":
            content.forms += 1
            if let address = LinkAddress(attributes.target.utf8) { add(.form, address) }
        case "script": content.scripts += 1
        case "iframe", "frame", "object", "embed", "applet": content.embeds += 1
        default: break
        }
    }

    @discardableResult private mutating func add(_ kind: ContentLink.Kind, _ address: LinkAddress) -> Bool {
        guard links.count < ReadingLimits.linksMax else { return false }
        links.append((kind, address, []))
        return true
    }

    /// A block begins a line; a cell, a word.
    private mutating func separate(_ tag: HTMLTag) {
        if tag.isBlock {
            if let last = content.visible.last, last != 0x0A { content.visible.append(0x0A) }
        } else if tag.isCell {
            content.visible.append(0x20)
        }
    }

    /// White space as one space.
    private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]) {
        for byte in bytes {
            if byte > 0x20 {
                text.append(byte)
            } else if let last = text.last, last != 0x20, last != 0x0A {
                text.append(0x20)
            }
        }
    }
}

/// The attributes of an element that say where it leads and how it looks.
struct HTMLAttributes {
    /// `href`, `src` or `action`.
    var target = ""
    var style = ""
    var color = ""
    var ground = ""
    var hasGroundImage = false
    var isHidden = false
    var width = ""
    var height = ""

    /// One or two pixels in both directions.
    var isPixel: Bool { HTMLAttributes.isTiny(width) && HTMLAttributes.isTiny(height) }
    private static func isTiny(_ text: String) -> Bool { ["0", "1", "2", "0px", "1px", "2px"].contains(text) }

    /// `value` is made only where it is of use: most attributes are not.
    mutating func set(_ name: String, _ value: @autoclosure () -> String) {
        switch name {
        case "href", "src", "action": target = value()
        case "style": style = value().lowercased()
        case "color", "text": color = value().lowercased()
        case "bgcolor": ground = value().lowercased()
        case "background": hasGroundImage = true
        case "hidden": isHidden = true
        case "width": width = value()
        case "height": height = value()
        default: break
        }
    }

}
