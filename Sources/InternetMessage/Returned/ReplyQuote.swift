package import MailModel

/// A reply of a receiver, as a notice quotes it.
struct ReplyQuote: Hashable {
    /// 400…599.
    var code: Int
    var enhanced: EnhancedStatusCode?
    /// From the code on, at most to the end of its paragraph.
    var words: String

    /// The first reply of the text: a code at the start of a line, behind words that introduce one, or before an enhanced code.
    static func find(in text: String) -> ReplyQuote? {
        let octets = Array(text.utf8.prefix(ReturnedLimits.textBytesMax))
        var position = 0
        while position + 3 <= octets.count {
            defer { position += 1 }
            guard let code = code(octets, at: position), isIntroduced(octets, position) || hasEnhanced(octets, behind: position) else {
                continue
            }
            let words = String(decoding: octets[position..<paragraphEnd(octets, position)], as: UTF8.self)
            return ReplyQuote(code: code, enhanced: enhancedBehind(octets, position), words: words)
        }
        return nil
    }

    /// The first enhanced code that stands as a word of its own, in brackets, or behind `#`.
    static func firstEnhanced(in text: String) -> EnhancedStatusCode? {
        for word in text.split(whereSeparator: { !($0.isNumber || $0 == ".") }).prefix(wordsMax) {
            let bare = word.last == "." ? word.dropLast() : word
            if let code = EnhancedStatusCode(bare) { return code }
        }
        return nil
    }

    private static func code(_ octets: [UInt8], at position: Int) -> Int? {
        guard octets[position] == 0x34 || octets[position] == 0x35, isDigit(octets[position + 1]), isDigit(octets[position + 2]),
            octets[position + 1] <= 0x37, position + 3 == octets.count || isEndOfCode(octets, position + 3),
            position == 0 || !isWordOctet(octets[position - 1])
        else { return nil }
        return octets[position...(position + 2)].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// At the start of a line or of a quotation, or behind `said:`, `...`, `<<<` and such.
    private static func isIntroduced(_ octets: [UInt8], _ position: Int) -> Bool {
        var place = position
        while place > 0, octets[place - 1] == 0x20 || octets[place - 1] == 0x09 { place -= 1 }
        guard place > 0 else { return true }
        switch octets[place - 1] {
        // Line end, : . < [ ' " ( ;
        case 0x0A, 0x0D, 0x3A, 0x3C, 0x5B, 0x27, 0x22, 0x28, 0x3B: return true
        case 0x2E: return place > 1 && octets[place - 2] == 0x2E
        default:
            let before = String(decoding: octets[max(0, place - 10)..<place].map(\.asciiLowercased), as: UTF8.self)
            return before.hasSuffix("said") || before.hasSuffix("error") || before.hasSuffix("response") || before.hasSuffix("returned")
        }
    }

    private static func hasEnhanced(_ octets: [UInt8], behind position: Int) -> Bool { enhancedBehind(octets, position) != nil }

    /// `550 5.1.1`, `550-5.1.1`, `550 #5.1.0`, `550 (5.7.1`.
    private static func enhancedBehind(_ octets: [UInt8], _ position: Int) -> EnhancedStatusCode? {
        var place = position + 3
        while place < octets.count, place < position + 6, [0x20, 0x2D, 0x23, 0x28].contains(octets[place]) { place += 1 }
        let text = octets[place...].prefix(EnhancedStatusCode.bytesMax + 1).prefix { isDigit($0) || $0 == 0x2E }
        let bare = text.last == 0x2E ? text.dropLast() : text
        return EnhancedStatusCode(String(decoding: bare, as: UTF8.self))
    }

    private static func paragraphEnd(_ octets: [UInt8], _ start: Int) -> Int {
        var position = start
        while position + 1 < octets.count {
            if octets[position] == 0x0A, octets[position + 1] == 0x0A { return position }
            position += 1
        }
        return octets.count
    }

    private static func isDigit(_ octet: UInt8) -> Bool { octet >= 0x30 && octet <= 0x39 }
    private static func isEndOfCode(_ octets: [UInt8], _ position: Int) -> Bool {
        // A colon without white space behind it stands in an IPv6 address.
        if octets[position] == 0x3A { return position + 1 == octets.count || octets[position + 1].isFoldingWhitespace }
        // White space - ; , ] ' " <
        return [0x20, 0x09, 0x0A, 0x0D, 0x2D, 0x3B, 0x2C, 0x5D, 0x27, 0x22, 0x3C].contains(octets[position])
    }
    private static func isWordOctet(_ octet: UInt8) -> Bool {
        isDigit(octet) || octet == 0x2E || octet | 0x20 >= 0x61 && octet | 0x20 <= 0x7A
    }

    private static let wordsMax = 2_000
}

extension DeliveryStage {
    /// At which command it was refused, as Postfix, Exim, Sendmail, qmail and others write it; nil where the words do not say.
    package static func named(in text: String) -> DeliveryStage? {
        let words = Array(text.utf8.prefix(ReturnedLimits.textBytesMax)).map { $0.isFoldingWhitespace ? 0x20 : $0.asciiLowercased }
        return phrases.first { phrase, _ in ByteScan.contains(phrase, in: words) }?.stage
    }

    private static let phrases: [(phrase: [UInt8], stage: DeliveryStage)] = writtenPhrases.map { (Array($0.0.utf8), $0.1) }

    private static let writtenPhrases: [(String, DeliveryStage)] = [
        ("end of data", .dot), ("failed after i sent the message", .dot), ("like our final data", .dot), ("after pipelined data", .dot),
        ("in reply to data", .data), (">>> data", .data), ("after data", .data), ("(data)", .data), ("smtp command data", .data),
        ("in reply to mail from", .mail), (">>> mail", .mail), ("after mail from", .mail), ("sender was rejected", .mail),
        ("like our mail from", .mail),
        ("in reply to rcpt to", .recipient), (">>> rcpt", .recipient), ("after rcpt", .recipient), ("does not like recipient", .recipient),
        ("rcpt_to", .recipient), ("like our rcpt", .recipient), ("following rcpt", .recipient), ("for rcpt to", .recipient),
        ("in reply to ehlo", .ehlo), ("in reply to helo", .ehlo), (">>> ehlo", .ehlo), ("my name was rejected", .ehlo),
        ("refused to talk to me", .greeting), ("initial connection", .greeting), ("lost connection with", .greeting),
    ]
}
