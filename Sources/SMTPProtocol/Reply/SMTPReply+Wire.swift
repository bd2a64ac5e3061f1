package import MailModel

extension SMTPReply {
    /// The reply as it goes to the wire: each line with code, enhanced code and CRLF (RFC 5321 §4.2.1, RFC 2034 §4).
    ///
    /// UTF-8 is allowed only in replies to commands that used SMTPUTF8 (RFC 6531 §3.7.4); otherwise each octet of it becomes `?`.
    package func write(to output: inout [UInt8], allowsUTF8: Bool = false) {
        output.reserveCapacity(output.count + lines.reduce(0) { $0 + $1.utf8.count + SMTPReply.lineOverheadMax })
        let enhanced = enhancedCode?.description
        for (index, line) in lines.enumerated() {
            output.append(UInt8(truncatingIfNeeded: 0x30 + code / 100))
            output.append(UInt8(truncatingIfNeeded: 0x30 + code / 10 % 10))
            output.append(UInt8(truncatingIfNeeded: 0x30 + code % 10))
            output.append(index == lines.count - 1 ? ASCII.space : ASCII.hyphen)
            if let enhanced {
                output.append(contentsOf: enhanced.utf8)
                output.append(ASCII.space)
            }
            let start = output.count
            output.append(contentsOf: line.utf8)
            if !allowsUTF8 {
                for position in start..<output.count where output[position] >= 0x80 { output[position] = 0x3F }
            }
            output.append(ASCII.carriageReturn)
            output.append(ASCII.lineFeed)
        }
    }

    /// Code, enhanced code, what parts them, and CRLF.
    private static let lineOverheadMax = 4 + EnhancedStatusCode.bytesMax + 1 + 2

    /// The reply on the wire by itself.
    package var wireBytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }
}
