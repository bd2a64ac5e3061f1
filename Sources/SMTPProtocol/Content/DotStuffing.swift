/// The content as DATA carries it: a dot before each line that begins with one, CRLF at the end, and the final dot
/// (RFC 5321 §4.5.2).
///
/// A dot after a bare LF is doubled too: such content should never come here, but if it does it must not end the message early
/// on a server that takes LF for a line end.
func dotStuffed(_ content: [UInt8]) -> [UInt8] {
    var stuffed: [UInt8] = []
    stuffed.reserveCapacity(content.count + content.count / 64 + 5)
    content.withUnsafeBytes { bytes in
        var runStart = 0
        var lineStart = 0
        while lineStart < bytes.count {
            if bytes[lineStart] == ASCII.dot {
                stuffed.append(contentsOf: bytes.slice(runStart..<lineStart))
                stuffed.append(ASCII.dot)
                runStart = lineStart
            }
            lineStart = (bytes.firstOffset(of: ASCII.lineFeed, from: lineStart, to: bytes.count) ?? bytes.count) + 1
        }
        stuffed.append(contentsOf: bytes.slice(runStart..<bytes.count))
    }
    let count = content.count
    if count == 1 || count > 1 && (content[count - 2] != ASCII.carriageReturn || content[count - 1] != ASCII.lineFeed) {
        stuffed += "\r\n".utf8
    }
    stuffed += ".\r\n".utf8
    return stuffed
}
