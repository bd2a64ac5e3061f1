import CLibXML

/// Gives the elements and texts of XML to whoever asks, as libxml2 finds them. No tree is built and nothing is fetched. A document type, in
/// which entities would be declared, ends the reading. UTF-8 alone is read: the name of a character set from outside is given to nobody.
package enum XMLReader {
    /// What is done with each event; false ends the reading.
    package struct Events {
        /// The element's name as it stands, and the values of its attributes.
        package var opened: (_ name: String, _ values: [String]) -> Bool
        package var closed: () -> Bool
        /// A piece of a text, in UTF-8.
        package var text: (UnsafeBufferPointer<UInt8>) -> Void

        package init(
            opened: @escaping (_ name: String, _ values: [String]) -> Bool, closed: @escaping () -> Bool,
            text: @escaping (UnsafeBufferPointer<UInt8>) -> Void
        ) {
            (self.opened, self.closed, self.text) = (opened, closed, text)
        }
    }

    /// What is wrong with the document, in one clause; nil where nothing is, or `events` ended it. `octets`: below 2 GiB.
    package static func read(_ octets: [UInt8], _ events: Events) -> String? {
        guard octets.count <= Int(CInt.max), let parser = xmlNewParserCtxt() else { return "there is no memory for it" }
        defer { xmlFreeParserCtxt(parser) }
        let reading = Reading(parser, events)
        return withExtendedLifetime(reading) {
            parser.pointee.sax.pointee = handler()
            parser.pointee.userData = Unmanaged.passUnretained(reading).toOpaque()
            let options =
                XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_IGNORE_ENC.rawValue
            octets.withUnsafeBytes { bytes in
                let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                _ = xmlCtxtReadMemory(parser, text, CInt(bytes.count), nil, "UTF-8", CInt(options))
            }
            if reading.hasDocumentType { return "it has a document type" }
            return reading.isOver || parser.pointee.wellFormed != 0 ? nil : syntax(parser)
        }
    }

    private static func syntax(_ parser: xmlParserCtxtPtr) -> String {
        guard let error = xmlCtxtGetLastError(parser) else { return "it is no well-formed XML" }
        let text = error.pointee.message.map { String(cString: $0) } ?? ""
        let shown = text.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(200))" } ?? ""
        return "it is no well-formed XML, line \(error.pointee.line)\(shown)"
    }

    /// What the calls from C share; used on one thread, while `read` runs.
    private final class Reading {
        let events: Events
        private let parser: xmlParserCtxtPtr
        private(set) var isOver = false
        private(set) var hasDocumentType = false

        init(_ parser: xmlParserCtxtPtr, _ events: Events) { (self.parser, self.events) = (parser, events) }

        static func of(_ context: UnsafeMutableRawPointer?) -> Reading? {
            context.map { Unmanaged<Reading>.fromOpaque($0).takeUnretainedValue() }
        }

        func goOn(_ isWanted: Bool) {
            guard !isWanted else { return }
            isOver = true
            xmlStopParser(parser)
        }

        func metDocumentType() {
            hasDocumentType = true
            goOn(false)
        }
    }

    private static func handler() -> xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.internalSubset = { context, _, _, _ in Reading.of(context)?.metDocumentType() }
        handler.startElement = { context, name, attributes in
            guard let reading = Reading.of(context), !reading.isOver, let name else { return }
            reading.goOn(reading.events.opened(String(cString: name), XMLReader.values(attributes)))
        }
        handler.endElement = { context, _ in
            guard let reading = Reading.of(context), !reading.isOver else { return }
            reading.goOn(reading.events.closed())
        }
        handler.characters = { context, text, count in
            Reading.of(context)?.events.text(UnsafeBufferPointer(start: text, count: Int(count)))
        }
        handler.cdataBlock = handler.characters
        return handler
    }

    private static let valuesMax = 50

    /// Of pairs of name and value, ended by nil.
    private static func values(_ pairs: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) -> [String] {
        var values: [String] = []
        guard var pair = pairs else { return values }
        while pair[0] != nil, values.count < valuesMax {
            if let value = pair[1] { values.append(String(cString: value)) }
            pair += 2
        }
        return values
    }
}
