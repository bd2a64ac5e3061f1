/// Something that was found about a domain.
package struct HealthFinding: Codable, Hashable, Sendable {
    /// From the gravest on.
    package enum Severity: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
        /// Receivers refuse mail for it, or put it into the spam folder.
        case error
        /// It costs trust, or will break with the next change.
        case warning
        /// Worth doing.
        case advice

        package static func < (left: Severity, right: Severity) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// A record as it has to stand in DNS.
    package struct Record: Codable, Hashable, Sendable {
        package var name: String
        /// `TXT`, `MX`, `PTR`, `TLSA`, `A`.
        package var type: String
        package var value: String

        package init(_ name: String, _ type: String, _ value: String) {
            self.name = name
            self.type = type
            self.value = value
        }

        /// A line of a zone file. Texts beyond 255 octets are split, as they have to be.
        package var line: String {
            guard type == "TXT" else { return "\(name). \(type) \(value)" }
            var parts: [String] = []
            var rest = value.utf8[...]
            repeat {
                let part = rest.prefix(255)
                parts.append("\"" + String(decoding: part, as: UTF8.self).replacing("\"", with: "\\\"") + "\"")
                rest = rest.dropFirst(part.count)
            } while !rest.isEmpty
            return "\(name). TXT \(parts.joined(separator: " "))"
        }
    }

    /// `spf.lookups`: stable.
    package var rule: String
    package var severity: Severity
    /// What it is about: a host, a selector, an address; empty for the domain.
    package var subject: String
    /// One or two sentences: what is wrong.
    package var text: String
    /// Why receivers care, and which.
    package var why: String
    /// What to publish; empty where that is not a record's to mend.
    package var records: [Record]
    /// Receivers that refuse mail for it, or will: `gmail`, `yahoo`, `outlook`; empty for none.
    package var refusedBy: [String]

    package init(
        _ rule: String, _ severity: Severity, _ text: String, why: String, subject: String = "", records: [Record] = [],
        refusedBy: [String] = []
    ) {
        self.rule = rule
        self.severity = severity
        self.subject = subject
        self.text = text
        self.why = why
        self.records = records
        self.refusedBy = refusedBy
    }

    /// The three that ask for most, and say so.
    package static let bigThree = ["gmail", "yahoo", "outlook"]
}
