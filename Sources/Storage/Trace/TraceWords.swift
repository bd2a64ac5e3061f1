import Foundation

/// The words of a text as the trace keeps them: without case and diacritics, apart at everything that is no letter or digit; and codes such
/// as 5.1.1 as a whole, too. A single ASCII letter or digit says too little to be one.
package enum TraceWords {
    static let wordBytesMax = 40
    /// Of one subject or reply.
    static let wordsMax = 32

    /// Each once, in order of occurrence.
    package static func split(_ text: String) -> [String] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return splitASCII(text) }
        let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil).lowercased()
        var words: [String] = []
        func add(_ word: Substring) {
            guard words.count < wordsMax, word.utf8.count > 1 else { return }
            let cut = cut(word)
            if !words.contains(cut) { words.append(cut) }
        }
        for part in folded.split(whereSeparator: { !isInCode($0) }) {
            if isCode(part) { add(part) }
            for word in part.split(separator: ".") { add(word) }
        }
        return words
    }

    /// The same by octets, which most texts are.
    private static func splitASCII(_ text: String) -> [String] {
        var words: [String] = []
        let octets = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        func add(_ range: Range<Int>) {
            guard words.count < wordsMax, range.count > 1 else { return }
            let word = String(decoding: octets[range.prefix(wordBytesMax)], as: UTF8.self)
            if !words.contains(word) { words.append(word) }
        }
        var part = 0
        while part < octets.count {
            guard isInCode(octets[part]) else {
                part += 1
                continue
            }
            var (end, word, dots, isCode) = (part, part, 0, true)
            while end < octets.count, isInCode(octets[end]) {
                if octets[end] == dot {
                    dots += 1
                    if end == part || octets[end - 1] == dot { isCode = false }
                } else if octets[end] > 0x39 {
                    isCode = false
                }
                end += 1
            }
            if isCode, dots >= 2, octets[end - 1] != dot { add(part..<end) }
            while word < end {
                let next = octets[word..<end].firstIndex(of: dot) ?? end
                add(word..<next)
                word = next + 1
            }
            part = end
        }
        return words
    }

    private static let dot: UInt8 = 0x2E

    private static func isInCode(_ octet: UInt8) -> Bool {
        octet == dot || (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet)
    }

    private static func isInCode(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "." }

    /// Numbers with dots between: an enhanced status code, an IP address.
    private static func isCode(_ part: Substring) -> Bool {
        let numbers = part.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count >= 3 && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    private static func cut(_ word: Substring) -> String {
        var word = word
        while word.utf8.count > wordBytesMax { word.removeLast() }
        return String(word)
    }

    // Names beside the words: none of these begins as a word does.

    static func senderDomain(_ domain: String) -> String { "<\(domain)" }
    static func recipientDomain(_ domain: String) -> String { ">\(domain)" }
    static func headerMessageID(_ text: String) -> String { "#\(cut(Substring(text), to: headerMessageIDBytesMax))" }

    /// A longer beginning is looked for by this much of it, and then held against the rows.
    static let headerMessageIDBytesMax = 80

    private static func cut(_ text: Substring, to bytes: Int) -> Substring {
        var text = text
        while text.utf8.count > bytes { text.removeLast() }
        return text
    }

    /// After the last `@`; nil where there is none.
    static func domain(of address: String) -> String? {
        guard let at = address.lastIndex(of: "@") else { return nil }
        let domain = address[address.index(after: at)...].lowercased()
        return domain.isEmpty || domain.utf8.count > 255 ? nil : domain
    }
}
