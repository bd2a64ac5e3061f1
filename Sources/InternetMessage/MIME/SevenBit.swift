/// Makes an 8-bit message fit for a host without 8BITMIME (RFC 6152 §3).
package enum SevenBit {
    package struct Limits: Hashable, Sendable {
        /// Entities within entities; 1 is a message without parts.
        package var depthMax: Int
        /// Parts of the whole message.
        package var partsMax: Int

        package init(depthMax: Int, partsMax: Int) {
            self.depthMax = depthMax
            self.partsMax = partsMax
        }

        package static let standard = Limits(depthMax: 20, partsMax: 1000)
    }

    /// The message in octets below 128; itself where it is so already; nil where that cannot be done without loss.
    ///
    /// Each leaf that holds 8-bit text is encoded as quoted-printable or base64, whichever is shorter, and the labels on the way to it
    /// are put right; every other octet stays. Nil for: 8-bit header fields, a multipart/signed or multipart/encrypted that is not 7-bit
    /// already, structure that cannot be read, and more depth or parts than the limits. 8-bit text outside of the parts of a multipart,
    /// which no reader shows, becomes `?`.
    package static func convert(_ content: [UInt8], limits: Limits = .standard) -> [UInt8]? {
        guard ByteScan.hasEightBit(content, in: content.indices) else { return content }
        var converter = SevenBitConverter(content: content, limits: limits)
        guard converter.entity(content.indices, as: .message, inherited: .plainText, depth: 1) else { return nil }
        return converter.output
    }
}

private struct SevenBitConverter {
    /// What an entity is to its container.
    enum Role {
        /// Has a MIME-Version of its own.
        case message
        case part
    }

    /// Content-Transfer-Encoding of RFC 2045 §6.
    enum Encoding {
        case sevenBit, eightBit, quotedPrintable, base64
    }

    let content: [UInt8]
    let limits: SevenBit.Limits
    var output: [UInt8]
    var parts = 0

    init(content: [UInt8], limits: SevenBit.Limits) {
        self.content = content
        self.limits = limits
        output = []
        output.reserveCapacity(content.count + content.count / 3)
    }

    /// Writes one entity; false where it cannot be made 7-bit.
    mutating func entity(_ range: Range<Int>, as role: Role, inherited: ContentType, depth: Int) -> Bool {
        parts += 1
        guard depth <= limits.depthMax, parts <= limits.partsMax,
            case .success(let header) = HeaderSection.scan(content, in: range),
            !ByteScan.hasEightBit(content, in: range.lowerBound..<header.bodyStart),
            let encoding = encoding(header), let type = contentType(header, inherited: inherited)
        else { return copyIfASCII(range) }
        let body = header.bodyStart..<range.upperBound
        switch (type.type, type.subtype) {
        case ("multipart", "signed"), ("multipart", "encrypted"): return copyIfASCII(range)
        case ("multipart", _): return multipart(range, header, type, encoding, depth)
        case ("message", "rfc822"):
            guard encoding == .sevenBit || encoding == .eightBit else { return copyIfASCII(range) }
            writeHeader(range, header, encoding: encoding == .eightBit ? "7bit" : nil, role: role)
            return entity(body, as: .message, inherited: .plainText, depth: depth + 1)
        // These may not be encoded (RFC 2046 §5.2); message/global may (RFC 6532 §3.7).
        case ("message", let subtype) where subtype != "global": return copyIfASCII(range)
        default: return leaf(range, header, encoding, role)
        }
    }

    private mutating func copyIfASCII(_ range: Range<Int>) -> Bool {
        guard !ByteScan.hasEightBit(content, in: range) else { return false }
        output += content[range]
        return true
    }

    private mutating func multipart(
        _ range: Range<Int>, _ header: HeaderSection, _ type: ContentType, _ encoding: Encoding, _ depth: Int
    ) -> Bool {
        guard encoding == .sevenBit || encoding == .eightBit, let boundary = type.boundary,
            let body = MultipartBody(
                content, in: header.bodyStart..<range.upperBound, boundary: boundary,
                partsMax: limits.partsMax - min(parts, limits.partsMax))
        else { return copyIfASCII(range) }
        let inherited = type.subtype == "digest" ? ContentType.message : .plainText
        // A label is only put right, never added: the default of RFC 2045 §6.1 is already 7bit.
        writeHeader(range, header, encoding: encoding == .eightBit ? "7bit" : nil, role: .part)
        for piece in body.pieces {
            switch piece {
            case .boundary(let line): output += content[line]
            case .unseen(let text): output += content[text].lazy.map { $0 < 0x80 ? $0 : 0x3F }
            case .part(let part):
                guard entity(part, as: .part, inherited: inherited, depth: depth + 1) else { return false }
            }
        }
        return true
    }

    private mutating func leaf(_ range: Range<Int>, _ header: HeaderSection, _ encoding: Encoding, _ role: Role) -> Bool {
        let body = header.bodyStart..<range.upperBound
        guard ByteScan.hasEightBit(content, in: body) else {
            writeHeader(range, header, encoding: encoding == .eightBit ? "7bit" : nil, role: role)
            output += content[body]
            return true
        }
        switch encoding {
        case .base64: return false
        case .quotedPrintable:
            writeHeader(range, header, encoding: nil, role: role)
            return escapeEightBit(body)
        case .sevenBit, .eightBit: break
        }
        let quoted = QuotedPrintable.encode(content[body])
        let base64Count = (body.count + 2) / 3 * 4 * 78 / 76
        if quoted.count <= base64Count {
            writeHeader(range, header, encoding: "quoted-printable", role: role)
            output += quoted
        } else {
            writeHeader(range, header, encoding: "base64", role: role)
            writeBase64(body, role)
        }
        return true
    }

    /// 8-bit octets in a part that says it is quoted-printable: readers take them as they are, so escaping them keeps the meaning.
    private mutating func escapeEightBit(_ body: Range<Int>) -> Bool {
        var column = 0
        for byte in content[body] {
            if byte >= 0x80 {
                QuotedPrintable.appendEscape(byte, to: &output)
                column += 3
            } else {
                output.append(byte)
                column = byte == 0x0A ? 0 : column + 1
            }
            guard column <= lineBytesMax else { return false }
        }
        return true
    }

    private mutating func writeBase64(_ body: Range<Int>, _ role: Role) {
        let encoded = Base64.encode(content[body])
        for start in stride(from: 0, to: encoded.count, by: 76) {
            if start > 0 { output += [0x0D, 0x0A] }
            output += encoded[start..<min(start + 76, encoded.count)]
        }
        // A part's last line end belongs to the boundary after it; a message needs its own.
        if role == .message { output += [0x0D, 0x0A] }
    }

    /// The header with another encoding label; nil keeps it octet for octet.
    private mutating func writeHeader(_ range: Range<Int>, _ header: HeaderSection, encoding: String?, role: Role) {
        guard let encoding else {
            output += content[range.lowerBound..<header.bodyStart]
            return
        }
        let label = "Content-Transfer-Encoding: \(encoding)\r\n"
        let fieldsEnd = header.fields.last?.end ?? range.lowerBound
        if let field = header.first("content-transfer-encoding", in: content) {
            output += content[range.lowerBound..<field.start]
            output += label.utf8
            output += content[field.end..<fieldsEnd]
        } else {
            output += content[range.lowerBound..<fieldsEnd]
            output += label.utf8
        }
        if role == .message, header.first("mime-version", in: content) == nil { output += "MIME-Version: 1.0\r\n".utf8 }
        if role == .message, header.first("content-type", in: content) == nil {
            output += "Content-Type: text/plain; charset=\(charsetName(header.bodyStart..<range.upperBound))\r\n".utf8
        }
        output += content[fieldsEnd..<header.bodyStart]
    }

    /// Text without a label that is no UTF-8 is `unknown-8bit` (RFC 1428 §3).
    private func charsetName(_ body: Range<Int>) -> String {
        String(validating: content[body], as: UTF8.self) == nil ? "unknown-8bit" : "utf-8"
    }

    /// Nil for an encoding that is not known, or two fields.
    private func encoding(_ header: HeaderSection) -> Encoding? {
        let fields = header.fields.filter { $0.isNamed("content-transfer-encoding", in: content) }
        guard let field = fields.first else { return .sevenBit }
        guard fields.count == 1 else { return nil }
        var reader = ParameterReader(bytes: content[field.value])
        switch reader.token() {
        case "7bit", "7-bit", nil: return .sevenBit
        case "8bit", "8-bit", "8bits", "binary": return .eightBit
        case "quoted-printable": return .quotedPrintable
        case "base64": return .base64
        default: return nil
        }
    }

    /// Nil for two fields, which two readers may take differently. A value that cannot be read is plain text (RFC 2045 §5.2).
    private func contentType(_ header: HeaderSection, inherited: ContentType) -> ContentType? {
        let fields = header.fields.filter { $0.isNamed("content-type", in: content) }
        guard let field = fields.first else { return inherited }
        return fields.count == 1 ? ContentType(content, in: field.value) ?? .plainText : nil
    }
}

/// RFC 5322 §2.1.1, without CRLF.
private let lineBytesMax = 998
