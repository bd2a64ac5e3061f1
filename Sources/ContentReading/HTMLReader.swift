import CLibXML

/// Gives the elements and texts of HTML to a page, as libxml2 finds them. No tree is built; the page's limits end the reading.
enum HTMLReader {
    /// `html`: UTF-8, at most `ReadingLimits.htmlBytesMax` octets of it are read.
    static func read(_ html: [UInt8], into page: HTMLPage = HTMLPage()) -> HTMLPage {
        guard let parser = htmlNewParserCtxt() else { return page }
        defer { htmlFreeParserCtxt(parser) }
        let reading = Reading(page: page, parser: parser)
        return withExtendedLifetime(reading) {
            parser.pointee.sax.pointee = handler()
            parser.pointee.userData = Unmanaged.passUnretained(reading).toOpaque()
            let options =
                HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
                | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
            html.withUnsafeBytes { bytes in
                let count = min(bytes.count, ReadingLimits.htmlBytesMax)
                let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                _ = htmlCtxtReadMemory(parser, text, CInt(count), nil, "UTF-8", CInt(options))
            }
            return reading.page
        }
    }

    /// What the calls from C share; used on one thread, while `read` runs.
    private final class Reading {
        var page: HTMLPage
        let parser: htmlParserCtxtPtr

        init(page: HTMLPage, parser: htmlParserCtxtPtr) { (self.page, self.parser) = (page, parser) }

        static func of(_ context: UnsafeMutableRawPointer?) -> Reading? {
            context.map { Unmanaged<Reading>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    private static func handler() -> xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.startElement = { context, name, attributes in
            guard let reading = Reading.of(context), let name else { return }
            reading.page.opened(String(cString: name), HTMLReader.attributes(attributes))
            if reading.page.isFull { xmlStopParser(reading.parser) }
        }
        handler.endElement = { context, name in
            guard let name else { return }
            Reading.of(context)?.page.closed(String(cString: name))
        }
        handler.characters = { context, text, count in
            Reading.of(context)?.page.text(UnsafeBufferPointer(start: text, count: Int(count)))
        }
        return handler
    }

    /// Pairs of name and value, ended by nil.
    private static func attributes(_ pairs: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) -> HTMLAttributes {
        var attributes = HTMLAttributes()
        guard var pair = pairs else { return attributes }
        while let name = pair[0] {
            let value = pair[1]
            attributes.set(String(cString: name), value.map { String(cString: $0) } ?? "")
            pair += 2
        }
        return attributes
    }
}
