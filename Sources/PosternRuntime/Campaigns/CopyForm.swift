import Campaigns
import InternetMessage
import MailAuthentication
import MailModel

/// How a copy looks on the wire.
enum CopyForm {
    /// `content`: with what submission adds. `signers`: those that would sign it.
    static func read(_ content: [UInt8], signers: [DKIMSigner]) throws -> ChecklistFacts.Form {
        var form = ChecklistFacts.Form()
        var start = 0
        var previous: UInt8 = 0
        for (index, byte) in content.enumerated() {
            if byte == 0x0A {
                form.longestLine = max(form.longestLine, index - start - (previous == 0x0D ? 1 : 0))
                if previous != 0x0D { form.hasBareLineEnds = true }
                start = index + 1
            } else if previous == 0x0D {
                form.hasBareLineEnds = true
            }
            previous = byte
        }
        guard case .success(let header) = HeaderSection.scan(content) else { return form }
        form.fields = header.fields.map { field in
            ChecklistFacts.Form.Field(
                name: field.lowercaseName(in: content),
                value: field.text(in: content, charactersMax: CompositionLimits.valueBytesMax))
        }
        if !signers.isEmpty {
            let signature = try DKIM.signatures(content: content, header: header, signers: signers, at: .now)
            form.signedFields = names(in: signature)
        }
        return form
    }

    /// The names of `h=`.
    private static func names(in signature: [UInt8]) -> Set<String>? {
        let text = String(decoding: signature, as: UTF8.self).filter { !$0.isWhitespace }
        guard let start = text.firstRange(of: ";h=")?.upperBound else { return nil }
        return Set(text[start...].prefix { $0 != ";" }.split(separator: ":").map { $0.lowercased() })
    }
}

/// How much two people's copies have in common.
enum Sameness {
    /// Of the words of one, as the other has them; 0…1. What leads out differs in each and is left out, and so are the people's addresses.
    static func share(_ writer: CampaignWriter, _ one: Subscriber, _ other: Subscriber) -> Double {
        func words(_ person: Subscriber) -> [Substring: Int] {
            let text = writer.fields(to: person.address, person.attributes).text ?? ""
            let own = [writer.unsubscribe(person.address), person.address.description]
            let words = text.split(whereSeparator: \.isWhitespace).filter { word in !own.contains { word.contains($0) } }
            return Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
        }
        let (first, second) = (words(one), words(other))
        let all = max(first.values.reduce(0, +), second.values.reduce(0, +))
        guard all > 0 else { return 1 }
        return Double(first.reduce(0) { $0 + min($1.value, second[$1.key] ?? 0) }) / Double(all)
    }
}

/// Whether a text says how its sender can be reached.
enum Contact {
    /// By mail, telephone or web. `out`: where people unsubscribe, which is no such way.
    static func isGiven(_ text: String, to address: EmailAddress, without out: String) -> Bool {
        let words = text.replacing(out, with: "").replacing(address.description, with: "").split(whereSeparator: \.isWhitespace)
        if words.contains(where: { $0.contains("://") || $0.lowercased().hasPrefix("(www.") || $0.lowercased().hasPrefix("www.") }) {
            return true
        }
        if words.contains(where: { EmailAddress($0.trimmingPrefix("(").prefix { $0 != ")" && $0 != "," }) != nil }) { return true }
        // Digits that stand together, with spaces and signs between, are a telephone number from seven on.
        var digits = 0
        for character in text {
            if character.isNumber { digits += 1 } else if !" -()/+.".contains(character) { digits = 0 }
            if digits >= 7 { return true }
        }
        return false
    }
}
