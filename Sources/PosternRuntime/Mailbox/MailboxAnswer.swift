/// Lists of messages as servers answer them. What does not look like one is left out.
enum MailboxAnswer {
    /// Of `* SEARCH 4 7 9` lines (RFC 3501 §7.2.5).
    static func found(_ answer: [UInt8]) -> [UInt32] {
        lines(answer).flatMap { line -> [UInt32] in
            let words = line.split(separator: " ")
            guard words.count > 2, words[0] == "*", words[1].uppercased() == "SEARCH" else { return [] }
            return words.dropFirst(2).compactMap(number)
        }
    }

    /// Of `1 2048` lines (RFC 1939, LIST).
    static func sizes(_ answer: [UInt8]) -> [(number: UInt32, size: Int)] {
        lines(answer).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 2, let message = number(words[0]), let size = Int(words[1]), size >= 0 else { return nil }
            return (message, size)
        }
    }

    private static func lines(_ answer: [UInt8]) -> [String] {
        answer.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func number(_ word: Substring) -> UInt32? {
        guard word.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt32(word), number > 0 else { return nil }
        return number
    }
}
