import MailModel

/// Reads the parts of any octets as a mail program would: what is damaged is read as far as it goes, and said.
///
/// Work and memory are linear in the content for a given depth, whatever the content says.
package struct MIMETree: Hashable, Sendable {
    /// The message's own fields, in order; a continuation belongs to its field.
    package private(set) var fields: [HeaderField] = []
    package private(set) var parts: [MIMEPart] = []
    package private(set) var defects: Set<MIMEDefect> = []

    package static func read(_ content: [UInt8], limits: MIMELimits = .standard) -> MIMETree {
        var tree = MIMETree()
        let start = HeaderField.afterMailboxLine(content)
        let (fields, body) = tree.header(content, start..<content.count, limits)
        tree.fields = fields
        tree.entity(content, fields, body, depth: 0, limits)
        return tree
    }

    private mutating func entity(_ content: [UInt8], _ fields: [HeaderField], _ body: Range<Int>, depth: Int, _ limits: MIMELimits) {
        guard parts.count < limits.partsMax else {
            defects.insert(.tooManyParts)
            return
        }
        var part = MIMEPart(type: "text/plain", body: body, depth: depth)
        let type = describe(&part, content, fields)
        let isContainer = type?.type == "multipart" || part.type == "message/rfc822" && (limits.opensMessages || depth == 0)
        guard isContainer, depth < limits.depthMax else {
            if isContainer { defects.insert(.tooDeep) }
            parts.append(part)
            return
        }
        if part.type == "message/rfc822" { return inner(content, body, depth: depth, limits) }
        guard let boundary = type?.boundary else {
            defects.insert(.missingBoundary)
            parts.append(part)
            return
        }
        guard let pieces = MultipartBody(content, in: body, boundary: boundary, partsMax: limits.partsMax)?.pieces else {
            defects.insert(.inseparable)
            part.type = "text/plain"
            parts.append(part)
            return
        }
        for case .part(let range) in pieces { inner(content, range, depth: depth, limits) }
        if case .part? = pieces.last { defects.insert(.missingEnd) }
    }

    private mutating func inner(_ content: [UInt8], _ range: Range<Int>, depth: Int, _ limits: MIMELimits) {
        let (fields, body) = header(content, range, limits)
        entity(content, fields, body, depth: depth + 1, limits)
    }

    /// Fields, and where the body lies. A line that is no field ends the header where no field came before it.
    private mutating func header(_ content: [UInt8], _ range: Range<Int>, _ limits: MIMELimits) -> ([HeaderField], Range<Int>) {
        var fields: [HeaderField] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let end = content.withUnsafeBufferPointer { ByteScan.endOfLine($0, in: position..<range.upperBound) }
            let text = HeaderField.withoutLineEnd(content, position..<end)
            if text.isEmpty { return (fields, end..<range.upperBound) }
            if content[position].isFoldingWhitespace, let last = fields.indices.last {
                (fields[last].valueEnd, fields[last].end) = (text.upperBound, end)
            } else if let field = HeaderField(line: text, end: end, in: content) {
                guard fields.count < limits.fieldsMax else {
                    defects.insert(.tooMuchHeader)
                    return (fields, position..<range.upperBound)
                }
                fields.append(field)
            } else {
                defects.insert(.strangeHeaderLine)
                if fields.isEmpty { return (fields, position..<range.upperBound) }
            }
            position = end
        }
        return (fields, range.upperBound..<range.upperBound)
    }

    /// Fills in what the header says of the part.
    private mutating func describe(_ part: inout MIMEPart, _ content: [UInt8], _ fields: [HeaderField]) -> ContentType? {
        var found: ContentType?
        for field in fields where field.start < content.count && content[field.start] | 0x20 == 0x63 {
            // Beyond this, no type or name is read.
            let value = field.value.prefix(structuredBytesMax)
            if field.isNamed("content-type", in: content) {
                found = ContentType(content, in: value.startIndex..<value.endIndex)
                if found == nil { defects.insert(.unreadableType) }
            } else if field.isNamed("content-disposition", in: content) {
                let disposition = ContentDisposition(content[value])
                part.isAttachment = disposition.isAttachment
                if !disposition.name.isEmpty { part.name = disposition.name }
            } else if field.isNamed("content-transfer-encoding", in: content) {
                part.encoding = encoding(FieldText.readable(content, value.startIndex..<value.endIndex).lowercased())
            } else if field.isNamed("content-id", in: content) {
                part.hasContentID = true
            }
        }
        if let found {
            part.type = "\(found.type)/\(found.subtype)"
            part.charset = String(decoding: found.charset ?? [], as: UTF8.self).lowercased()
            if part.name.isEmpty { part.name = found.name.text }
        }
        return found
    }

    private mutating func encoding(_ text: String) -> TransferEncoding {
        switch text {
        case "base64": return .base64
        case "quoted-printable": return .quotedPrintable
        case "7bit", "8bit", "binary", "": return .identity
        default:
            defects.insert(.unknownEncoding)
            return .identity
        }
    }
}

private let structuredBytesMax = 4_096

extension HeaderField {
    /// `line`: without its line end. Nil where no name and colon stand at its start.
    fileprivate init?(line: Range<Int>, end: Int, in content: [UInt8]) {
        var position = line.lowerBound
        while position < line.upperBound, content[position] > 0x20, content[position] < 0x7F, content[position] != 0x3A { position += 1 }
        let nameEnd = position
        while position < line.upperBound, content[position].isFoldingWhitespace { position += 1 }
        guard nameEnd > line.lowerBound, position < line.upperBound, content[position] == 0x3A else { return nil }
        self.init(start: line.lowerBound, nameEnd: nameEnd, valueStart: position + 1, valueEnd: line.upperBound, end: end)
    }

    fileprivate static func withoutLineEnd(_ content: [UInt8], _ line: Range<Int>) -> Range<Int> {
        var end = line.upperBound
        if end > line.lowerBound, content[end - 1] == 0x0A { end -= 1 }
        if end > line.lowerBound, content[end - 1] == 0x0D { end -= 1 }
        return line.lowerBound..<end
    }

    /// A file of an mbox begins with a line `From `.
    fileprivate static func afterMailboxLine(_ content: [UInt8]) -> Int {
        guard content.starts(with: [0x46, 0x72, 0x6F, 0x6D, 0x20]) else { return 0 }
        return (content.firstIndex(of: 0x0A) ?? content.count - 1) + 1
    }
}
