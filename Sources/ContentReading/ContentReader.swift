package import ContentScan
import InternetMessage
import MailModel

/// Reads the octets of a message for a scan: parts, character sets, HTML, links and their hosts.
///
/// Any octets are read, within limits, on the calling thread; a call costs well under a millisecond for usual mail, and at most some
/// hundred milliseconds for what is made to be slow. Never on an event loop.
package struct ContentReader: Sendable {
    private let names = HostNames()

    package init() {}

    package func facts(_ content: [UInt8], envelope: ScanEnvelope? = nil) -> ScanFacts {
        var facts = ScanFacts(content: read(content), envelope: envelope)
        let addresses = ["from", "sender", "reply-to"].flatMap { name in
            AddressList.parse(facts.content.field(name)).addresses
        }
        for domain in Set((addresses + [envelope?.sender].compactMap { $0 }).compactMap(\.domain)).prefix(ReadingLimits.hostsMax) {
            facts.sites[domain] = names.host(domain.text).site
        }
        return facts
    }

    package func read(_ octets: [UInt8]) -> MessageContent {
        let tree = MIMETree.read(octets)
        var content = MessageContent()
        content.bytes = octets.count
        content.defects = tree.defects
        content.fields = tree.fields.map {
            ContentField(name: String(decoding: octets[$0.name], as: UTF8.self), value: $0.text(in: octets))
        }
        var reading = TextReading(room: ReadingLimits.textBytesMax)
        for part in tree.parts { reading.add(part, octets, to: &content) }
        content.isCut = reading.isCut
        addLinks(reading.page, to: &content)
        return content
    }

    private func addLinks(_ page: HTMLPage?, to content: inout MessageContent) {
        var hosts: [String: LinkHost] = [:]
        func host(_ name: String) -> LinkHost {
            if let known = hosts[name] { return known }
            let host = hosts.count < ReadingLimits.hostsMax ? names.host(name) : LinkHost(name: name, shown: name, site: name)
            hosts[name] = host
            return host
        }
        for link in page?.links ?? [] {
            content.links.append(
                ContentLink(
                    kind: link.kind, address: link.address, host: host(link.address.host), text: String(decoding: link.text, as: UTF8.self))
            )
        }
        let text = content.html == nil ? content.plain : content.plain + content.shownText
        for address in WrittenLinks.find(in: text, countMax: ReadingLimits.linksMax - content.links.count) {
            content.links.append(ContentLink(kind: .written, address: address, host: host(address.host), text: address.text))
        }
        if content.links.count >= ReadingLimits.linksMax { content.isCut = true }
    }
}

/// The texts of the parts, within a room that all of them share.
private struct TextReading {
    var room: Int
    var isCut = false
    var page: HTMLPage?

    mutating func add(_ part: MIMEPart, _ octets: [UInt8], to content: inout MessageContent) {
        content.parts.append(
            ContentPart(
                type: part.type, name: part.name, charset: part.charset, isAttachment: part.isAttachment, bytes: part.body.count,
                start: part.encoding.decoded(octets, part.body, bytesMax: ReadingLimits.startBytes)))
        guard part.type == "text/html" || part.type == "text/plain" || part.type == "text", !part.isAttachment else { return }
        guard room > 0 else {
            isCut = true
            return
        }
        let decoded = part.encoding.decoded(octets, part.body, bytesMax: room)
        room -= decoded.count
        if room == 0 { isCut = true }
        let text = CharsetReader.utf8(decoded, charset: part.charset)
        guard part.type == "text/html" else {
            if !content.plain.isEmpty { content.plain.append(0x0A) }
            content.plain += text
            return
        }
        let page = HTMLReader.read(text, into: self.page ?? HTMLPage())
        if page.isFull || text.count > ReadingLimits.htmlBytesMax { isCut = true }
        content.html = page.content
        self.page = page
    }
}

extension Result where Success == [EmailAddress], Failure == AddressListFailure {
    /// None where the field cannot be read.
    fileprivate var addresses: [EmailAddress] { (try? get()) ?? [] }
}
