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
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        } catch {
            throw RowText.damaged("attributes", text)
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
