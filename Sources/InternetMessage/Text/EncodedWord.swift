/// Encoded words of RFC 2047, read and written.
package enum EncodedWord {
    /// Decodes every word whose character set is known here, and leaves the rest as it stands. White space between adjacent words
    /// goes; a character that was split over two words of one set is put together. Control characters become a space.
    ///
    /// The result is never longer than three times the text, so its limit is the text's.
    package static func decode(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.indices.dropLast().contains(where: { bytes[$0] == 0x3D && bytes[$0 + 1] == 0x3F }) else { return text }
        var decoder = Decoder(bytes: bytes)
        return decoder.run()
    }

    /// Writes text as words of at most 75 characters (RFC 2047 §2), with a space between them; ASCII text that cannot be taken for
    /// an encoded word stays as it is.
    static func encode(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) || text.contains("=?") else { return text }
        var words: [String] = []
        var chunk: [UInt8] = []
        for scalar in text.unicodeScalars {
            let utf8 = Array(UTF8.encode(scalar).unsafelyUnwrapped)
            if chunk.count + utf8.count > octetsPerWord {
                words.append(word(chunk))
                chunk = []
            }
            chunk += utf8
        }
        words.append(word(chunk))
        return words.joined(separator: " ")
    }

    /// 45 octets give 60 digits, with 12 characters around them.
    private static let octetsPerWord = 45

    private static func word(_ bytes: [UInt8]) -> String {
        "=?UTF-8?B?\(String(decoding: Base64.encode(bytes), as: UTF8.self))?="
    }
}

private struct Decoder {
    let bytes: [UInt8]
    var position = 0
    var result = ""
    /// Octets that are not part of a known word, not yet in the result.
    var plain: [UInt8] = []
    /// Decoded octets of the words since the last plain text, all of `pendingCharset`.
    var pending: [UInt8] = []
    var pendingCharset: Charset?
    /// White space after a word: dropped where another word follows.
    var gap: [UInt8] = []

    mutating func run() -> String {
        while position < bytes.count {
            if let word = word(at: position) {
                flushPlain()
                gap = []
                if pendingCharset != word.charset { flushPending() }
                pendingCharset = word.charset
                pending += word.octets
                position = word.end
            } else if pendingCharset != nil, bytes[position].isWhitespace {
                gap.append(bytes[position])
                position += 1
            } else {
                flushPending()
                plain += gap
                gap = []
                plain.append(bytes[position])
                position += 1
            }
        }
        flushPlain()
        flushPending()
        return result
    }

    private mutating func flushPlain() {
        guard !plain.isEmpty else { return }
        result += String(decoding: plain, as: UTF8.self)
        plain = []
    }

    private mutating func flushPending() {
        guard let charset = pendingCharset else { return }
        for scalar in charset.decode(pending).unicodeScalars { result.unicodeScalars.append(FieldText.isHarmless(scalar) ? scalar : " ") }
        pending = []
        pendingCharset = nil
    }

    private struct Word {
        var charset: Charset
        var octets: [UInt8]
        var end: Int
    }

    /// `=?charset*language?Q?text?=`; nil where none of a known set begins here.
    private func word(at start: Int) -> Word? {
        guard start + 1 < bytes.count, bytes[start] == 0x3D, bytes[start + 1] == 0x3F,
            let charsetEnd = question(from: start + 2), charsetEnd + 2 < bytes.count, bytes[charsetEnd + 2] == 0x3F,
            let textEnd = question(from: charsetEnd + 3), textEnd + 1 < bytes.count, bytes[textEnd + 1] == 0x3D
        else { return nil }
        let name = bytes[(start + 2)..<charsetEnd].prefix { $0 != 0x2A }
        guard let charset = Charset(name: String(decoding: name, as: UTF8.self)) else { return nil }
        let text = bytes[(charsetEnd + 3)..<textEnd]
        let octets: [UInt8]?
        switch bytes[charsetEnd + 1].asciiLowercased {
        case 0x62: octets = Base64.decode(text)
        case 0x71: octets = QuotedPrintable.decodeWord(text)
        default: octets = nil
        }
        return octets.map { Word(charset: charset, octets: $0, end: textEnd + 2) }
    }

    /// The next question mark before any white space, within the longest word that is looked at.
    private func question(from start: Int) -> Int? {
        for index in start..<min(bytes.count, start + wordBytesMax) {
            if bytes[index] == 0x3F { return index }
            if bytes[index].isWhitespace { return nil }
        }
        return nil
    }
}

/// RFC 2047 allows 75 characters; real senders write whole subjects into one word.
private let wordBytesMax = 2048
