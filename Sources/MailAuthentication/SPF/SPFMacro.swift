import MailModel

/// What stands for the session's facts in a record: `%{i}`, `%{d2}`, `%{l1r-}` (RFC 7208 §7).
struct SPFMacro {
    let subject: SPF.Subject
    let domain: DomainName
    /// What `%{p}` stands for.
    var provedName = "unknown"

    /// Whether a look-up of the client's names is needed.
    static func usesProvedName(_ text: String) -> Bool { text.lowercased().contains("%{p") }

    /// Far more than a name has room for.
    private static let bytesMax = 2000

    /// Nil for a mistake.
    func expand(_ text: String) -> String? {
        var output = ""
        var rest = Substring(text)
        while let sign = rest.firstIndex(of: "%"), output.utf8.count <= SPFMacro.bytesMax {
            output += rest[..<sign]
            rest = rest[sign...].dropFirst()
            switch rest.popFirst() {
            case "%": output += "%"
            case "_": output += " "
            case "-": output += "%20"
            case "{":
                guard let end = rest.firstIndex(of: "}"), let value = value(rest[..<end]) else { return nil }
                output += value
                rest = rest[end...].dropFirst()
            default: return nil
            }
        }
        return output.utf8.count > SPFMacro.bytesMax ? nil : output + rest
    }

    /// `macro`: a letter, how many parts from the right, `r` for the reverse order, and what parts them.
    private func value(_ macro: Substring) -> String? {
        guard let letter = macro.first, let value = fact(Character(letter.lowercased())) else { return nil }
        var rest = macro.dropFirst()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        let isReversed = rest.first == "r" || rest.first == "R"
        if isReversed { rest = rest.dropFirst() }
        guard digits.count <= 3, digits.isEmpty || Int(digits) != 0, rest.allSatisfy({ ".-+,/_=".contains($0) }) else { return nil }
        let marks = rest.isEmpty ? "." : String(rest)
        var parts = value.split(omittingEmptySubsequences: false) { marks.contains($0) }
        if isReversed { parts.reverse() }
        if let count = Int(digits) { parts = parts.suffix(count) }
        let joined = parts.joined(separator: ".")
        return letter.isUppercase ? escaped(joined) : joined
    }

    private func fact(_ letter: Character) -> String? {
        switch letter {
        case "s": "\(subject.localPart)@\(subject.domain)"
        case "l": subject.localPart
        case "o": subject.domain.text
        case "d": domain.text
        case "i": dotted
        case "p": provedName
        case "v": subject.client.isV6 ? "ip6" : "in-addr"
        case "h": subject.helloName
        default: nil
        }
    }

    private var dotted: String {
        guard subject.client.isV6 else { return subject.client.description }
        return subject.client.octets.flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16) }.joined(separator: ".")
    }

    private func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" + digits : digits)
        }.joined()
    }
}
