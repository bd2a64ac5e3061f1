import Foundation

/// Attributes of a person as JSON, in order of their names. Written by hand: an import writes a million of them.
enum AttributeText {
    static func text(_ attributes: [String: String]) -> String {
        guard !attributes.isEmpty else { return "{}" }
        var text = "{"
        for (index, name) in attributes.keys.sorted().enumerated() {
            if index > 0 { text += "," }
            append(name, to: &text)
            text += ":"
            append(attributes[name] ?? "", to: &text)
        }
        text += "}"
        return text
    }

    static func attributes(_ text: String) throws -> [String: String] {
        if text == "{}" { return [:] }
        if let attributes = plain(text) { return attributes }
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        } catch {
            throw RowText.damaged("attributes", text)
        }
    }

    /// Of what `text` writes where nothing is escaped, as nearly always; nil for any other. A JSON decoder takes twenty times as long, and a
    /// campaign reads a hundred thousand of them.
    private static func plain(_ text: String) -> [String: String]? {
        var text = text
        return text.withUTF8 { octets in
            var place = 0
            func sign(_ expected: UInt8) -> Bool {
                guard place < octets.count, octets[place] == expected else { return false }
                place += 1
                return true
            }
            func word() -> String? {
                guard sign(0x22) else { return nil }
                let start = place
                while place < octets.count, octets[place] != 0x22 {
                    if octets[place] == 0x5C { return nil }
                    place += 1
                }
                let end = place
                return sign(0x22) ? String(decoding: octets[start..<end], as: UTF8.self) : nil
            }
            guard sign(0x7B) else { return nil }
            var attributes: [String: String] = [:]
            repeat {
                guard let name = word(), sign(0x3A), let value = word() else { return nil }
                attributes[name] = value
            } while sign(0x2C)
            return sign(0x7D) && place == octets.count ? attributes : nil
        }
    }

    /// A string of JSON.
    static func append(_ value: String, to text: inout String) {
        text += "\""
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            text += value
        } else {
            for scalar in value.unicodeScalars {
                switch scalar.value {
                case 0x22, 0x5C:
                    text += "\\"
                    text.unicodeScalars.append(scalar)
                case ..<0x20:
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
