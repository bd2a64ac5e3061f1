import Foundation
import OutboundPolicy

/// The name of a list or a campaign, made from what people call it.
enum NameFromTitle {
    private static let lengthMax = 48
    private static let written = ["ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "ł": "l", "đ": "d"]

    /// `News für Freunde` becomes `news-fuer-freunde`, with a number behind it where that is taken. Nil where no Latin letter and no digit
    /// is in the title.
    static func make(_ title: String, isTaken: (String) -> Bool) -> String? {
        var text = title.lowercased()
        for (letter, letters) in written { text = text.replacing(letter, with: letters) }
        text = text.folding(options: .diacriticInsensitive, locale: nil)
        let words = text.utf8.split { !((0x61...0x7A).contains($0) || (0x30...0x39).contains($0)) }
        var name = ""
        for word in words.map({ String(decoding: $0, as: UTF8.self) }) {
            guard name.isEmpty || name.utf8.count + word.utf8.count < lengthMax else { break }
            name += name.isEmpty ? String(word.prefix(lengthMax)) : "-\(word)"
        }
        guard MailingList.isName(name) else { return nil }
        if !isTaken(name) { return name }
        return (2...999).lazy.map { "\(name)-\($0)" }.first { !isTaken($0) }
    }
}
