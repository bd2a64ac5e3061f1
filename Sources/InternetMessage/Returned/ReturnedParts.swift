import MailModel

/// The parts of a message that matter when it came back.
struct ReturnedParts {
    let content: [UInt8]
    /// The message's own fields.
    let fields: [HeaderField]
    /// Its words, decoded, without pictures and what came back.
    private(set) var text = ""
    /// The groups of message/delivery-status: of the message, then of each recipient.
    private(set) var status: [StatusFields] = []
    /// Of message/feedback-report; nil where there is none.
    private(set) var feedback: StatusFields?
    /// The header of the message that came back, or the whole of it.
    private(set) var returned: [UInt8] = []

    init(_ content: [UInt8]) {
        self.content = content
        let tree = MIMETree.read(content, limits: ReturnedLimits.mime)
        fields = tree.fields
        var page = ""
        for part in tree.parts { add(part, &page) }
        if text.isEmpty { text = page }
    }

    private mutating func add(_ part: MIMEPart, _ page: inout String) {
        switch part.type {
        case "message/delivery-status", "message/global-delivery-status":
            guard status.count < ReturnedLimits.rowsMax else { return }
            status += StatusFields.groups(part.encoding.decoded(content, part.body, bytesMax: ReturnedLimits.statusBytesMax))
        case "message/feedback-report":
            let groups = StatusFields.groups(part.encoding.decoded(content, part.body, bytesMax: ReturnedLimits.textBytesMax))
            if feedback == nil { feedback = groups.first ?? StatusFields([]) }
        case "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers",
            "message/global-headers":
            if returned.isEmpty { returned = part.encoding.decoded(content, part.body, bytesMax: ReturnedLimits.textBytesMax) }
        case "text/html":
            let octets = part.encoding.decoded(content, part.body, bytesMax: ReturnedLimits.textBytesMax)
            if page.isEmpty { page = decode(PageWords.of(octets), part.charset) }
        case "text/plain", "text":
            let room = ReturnedLimits.textBytesMax - text.utf8.count
            guard room > 0, !part.isAttachment else { return }
            let words = decode(part.encoding.decoded(content, part.body, bytesMax: room), part.charset)
            text += text.isEmpty ? words : "\n" + words
        // Announced parts that cannot be told apart: all of it is text.
        case let type where type.hasPrefix("multipart/"):
            if text.isEmpty { text = decode(Array(content[part.body].prefix(ReturnedLimits.textBytesMax)), "") }
        default: break
        }
    }

    /// Sets that are not known here hold ASCII in their lower half, which is all that is looked for.
    private func decode(_ octets: [UInt8], _ charset: String) -> String {
        (Charset(name: charset) ?? .utf8).decode(octets)
    }

    /// The first field of that name, in lower case; nil where there is none.
    func field(_ name: String) -> String? {
        fields.first { $0.isNamed(name, in: content) }.map { $0.text(in: content) }
    }

    /// Who wrote it, by From.
    var sender: EmailAddress? { field("from").flatMap(WrittenAddress.first) }

    /// As Exim and Google name them in the header.
    var failedRecipients: [EmailAddress] {
        fields.lazy.filter { $0.isNamed("x-failed-recipients", in: content) }.prefix(ReturnedLimits.rowsMax)
            .flatMap { WrittenAddress.all(in: $0.text(in: content)) }
    }
}

/// The words of a page without its tags, for notices that have no other text.
private enum PageWords {
    static func of(_ page: [UInt8]) -> [UInt8] {
        var words: [UInt8] = []
        words.reserveCapacity(page.count)
        var position = 0
        while position < page.count {
            guard page[position] == 0x3C else {
                words.append(page[position])
                position += 1
                continue
            }
            let end = page[position...].firstIndex(of: 0x3E) ?? page.count - 1
            if let next = behindUnseen(page, position) {
                position = next
                continue
            }
            // Tags that begin a line do so here.
            let name = page[(position + 1)...].prefix(3).map(\.asciiLowercased)
            words.append(
                ["br", "p>", "p ", "/p>", "div", "/di", "tr", "tr>", "/tr", "li>"].contains { name.starts(with: $0.utf8) } ? 0x0A : 0x20)
            position = end + 1
        }
        return words
    }

    /// After the end tag of a style or a script that begins here; nil where none does.
    private static func behindUnseen(_ page: [UInt8], _ start: Int) -> Int? {
        let name = page[(start + 1)...].prefix(6).map(\.asciiLowercased)
        guard name.starts(with: "style".utf8) || name.starts(with: "script".utf8) else { return nil }
        var position = start + 1
        while let open = page[position...].firstIndex(of: 0x3C) {
            let end = page[open...].prefix(4).map(\.asciiLowercased)
            if end.starts(with: "</st".utf8) || end.starts(with: "</sc".utf8) { return open }
            position = open + 1
        }
        return page.count
    }
}

/// Addresses as people and programs write them into text.
enum WrittenAddress {
    /// The first of the text; nil where there is none.
    static func first(in text: String) -> EmailAddress? { all(in: text, max: 1).first }

    static func all(in text: String, max: Int = ReturnedLimits.rowsMax) -> [EmailAddress] {
        places(in: text, max: max).map(\.address)
    }

    /// With the text before each.
    static func places(in text: String, max: Int) -> [(address: EmailAddress, before: Substring)] {
        let octets = Array(text.utf8)
        var found: [(EmailAddress, Substring)] = []
        var position = 0
        while found.count < max, let at = octets[position...].firstIndex(of: 0x40) {
            let start = beginning(octets, before: at, notBefore: position)
            var end = at + 1
            while end < octets.count, isHostOctet(octets[end]) { end += 1 }
            while end > at + 1, octets[end - 1] == 0x2E || octets[end - 1] == 0x2D { end -= 1 }
            position = Swift.max(end, at + 1)
            guard at - start <= 130, end - at <= 256, let address = EmailAddress(octets: Array(octets[start..<end])) else { continue }
            let utf8 = text.utf8
            found.append((address, text[..<utf8.index(utf8.startIndex, offsetBy: start)]))
        }
        return found
    }

    private static func beginning(_ octets: [UInt8], before at: Int, notBefore first: Int) -> Int {
        if at > first, octets[at - 1] == 0x22, let open = octets[first..<(at - 1)].lastIndex(of: 0x22) { return open }
        var start = at
        while start > first, isLocalOctet(octets[start - 1]) { start -= 1 }
        // What a person writes around it is no part of it.
        while start < at, [0x27, 0x2D, 0x3D].contains(octets[start]) { start += 1 }
        return start
    }

    private static func isLocalOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        // ! # $ % & ' * + - . / = ? ^ _ ` { | } ~
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x2F, 0x3D, 0x3F, 0x5E, 0x5F, 0x60, 0x7B, 0x7C, 0x7D, 0x7E: true
        default: octet >= 0x80
        }
    }

    private static func isHostOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
        default: octet >= 0x80
        }
    }
}
