import MailModel

/// One group of the fields of message/delivery-status or message/feedback-report (RFC 3464 §2.1, RFC 5965 §3).
struct StatusFields: Hashable, Sendable {
    /// Names in lower case, values on one line.
    private var fields: [(name: String, value: String)] = []

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// The first value of that name.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    var isEmpty: Bool { fields.isEmpty }

    static func == (one: StatusFields, other: StatusFields) -> Bool {
        one.fields.elementsEqual(other.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    func hash(into hasher: inout Hasher) { for field in fields { hasher.combine(field.value) } }

    /// True where it is about a recipient, not about the message as a whole.
    var isOfRecipient: Bool {
        self["final-recipient"] != nil || self["original-recipient"] != nil || self["action"] != nil
    }

    /// The address that we wrote to where the report has it, else the one that it ended at.
    var recipient: EmailAddress? {
        for name in ["original-recipient", "final-recipient", "x-actual-recipient"] {
            if let value = self[name], let address = WrittenAddress.first(in: StatusFields.withoutType(value)) { return address }
        }
        return nil
    }

    /// `rfc822; anna@example.net` without its type.
    static func withoutType(_ value: String) -> String {
        guard let semicolon = value.firstIndex(of: ";"), value[..<semicolon].utf8.count <= 40,
            !value[..<semicolon].contains(where: { $0 == "@" || $0 == " " })
        else { return value }
        return String(value[value.index(after: semicolon)...].drop { $0 == " " })
    }

    /// `X-Unix; 77`: what a program that takes mail ended with.
    static func exitStatus(_ value: String) -> Int? {
        value.lowercased().hasPrefix("x-unix;") ? Int(withoutType(value)) : nil
    }

    /// Groups with empty lines between them.
    static func groups(_ octets: [UInt8]) -> [StatusFields] {
        var groups: [StatusFields] = []
        var fields: [(name: String, value: String)] = []
        var count = 0
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.allSatisfy(\.isWhitespace) {
                if !fields.isEmpty { groups.append(StatusFields(fields)) }
                fields = []
            } else if let field = field(line), !(line.first?.isWhitespace ?? true) {
                count += 1
                guard count <= ReturnedLimits.statusFieldsMax, groups.count <= ReturnedLimits.rowsMax else { break }
                fields.append(field)
            } else if let last = fields.indices.last, fields[last].value.utf8.count < valueBytesMax {
                fields[last].value += " " + FieldText.printable(line).drop { $0 == " " }
            }
        }
        if !fields.isEmpty { groups.append(StatusFields(fields)) }
        return groups
    }

    /// The fields of RFC 3464 in a text that is no such part: each group begins where one of its fields comes for the second time.
    static func groups(inText text: String) -> [StatusFields] {
        var groups: [StatusFields] = []
        var fields: [(name: String, value: String)] = []
        for line in text.split(separator: "\n").prefix(ReturnedLimits.linesMax) {
            let octets = Array(line.utf8)
            guard let field = field(octets[...]), known.contains(field.name) else {
                if octets.first?.isWhitespace ?? false, let last = fields.indices.last, fields[last].value.utf8.count < valueBytesMax {
                    fields[last].value += " " + line.drop { $0 == " " || $0 == "\t" }
                }
                continue
            }
            if fields.contains(where: { $0.name == field.name }) {
                groups.append(StatusFields(fields))
                fields = []
            }
            fields.append(field)
        }
        groups.append(StatusFields(fields))
        return groups.filter { $0["final-recipient"] != nil || $0["original-recipient"] != nil }
    }

    private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex, colon - line.startIndex <= 60,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        let name = String(decoding: line[..<colon].map(\.asciiLowercased), as: UTF8.self)
        let value = FieldText.printable(line[(colon + 1)...].drop(while: \.isWhitespace).prefix(valueBytesMax))
        return (name, value)
    }

    private static let known: Set<String> = [
        "final-recipient", "original-recipient", "action", "status", "diagnostic-code", "remote-mta", "reporting-mta", "last-attempt-date",
        "will-retry-until", "final-log-id", "x-actual-recipient",
    ]
}

private let valueBytesMax = 4_096
