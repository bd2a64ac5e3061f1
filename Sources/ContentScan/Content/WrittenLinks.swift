/// Web addresses that stand in a text as words.
package enum WrittenLinks {
    /// Each with the range of its octets, at most `countMax`.
    package static func find(in text: [UInt8], countMax: Int) -> [LinkAddress] {
        var found: [LinkAddress] = []
        var position = 0
        while position < text.count, found.count < countMax {
            guard isStart(text, position) else {
                position += 1
                continue
            }
            var end = position
            while end < text.count, end - position < LinkAddress.bytesMax, isPart(text[end]) { end += 1 }
            while end > position, isTrailing(text[end - 1]) { end -= 1 }
            if let link = LinkAddress(text[position..<end]), link.host.contains(".") { found.append(link) }
            position = max(end, position + 4)
        }
        return found
    }

    /// `http://`, `https://` or `www.` at the start of a word.
    private static func isStart(_ text: [UInt8], _ position: Int) -> Bool {
        let first = text[position] | 0x20
        guard first == 0x68 || first == 0x77, position + 8 < text.count else { return false }
        if position > 0, isWord(text[position - 1]) { return false }
        func follows(_ word: StaticString) -> Bool {
            word.withUTF8Buffer { buffer in buffer.indices.allSatisfy { text[position + $0] | 0x20 == buffer[$0] | 0x20 } }
        }
        return follows("http://") || follows("https://") || follows("www.")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    private static func isPart(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x22 && byte != 0x3C && byte != 0x3E && byte != 0x7F
    }
    private static func isTrailing(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x27, 0x29, 0x2C, 0x2E, 0x3A, 0x3B, 0x3F, 0x5D: true
        default: false
        }
    }
}
