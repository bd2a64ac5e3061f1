import MailModel

/// What the columns of a file stand for.
package struct ColumnMapping: Hashable, Sendable, Codable {
    package struct Attribute: Hashable, Sendable, Codable {
        /// From 0 on.
        package var column: Int
        /// In lower case.
        package var name: String
    }

    /// The column of the address, from 0 on.
    package var address: Int
    package var attributes: [Attribute]
    /// The names in the first line, or `column 1` and so on where there are none.
    package var titles: [String]
    /// False where the first line is a person already.
    package var hasHeader: Bool

    package static let attributeNameMax = 64

    package static let addressNames: Set<String> = [
        "address", "email", "e-mail", "mail", "email address", "e-mail address", "emailaddress", "email_address", "e-mail-adresse",
        "mailadresse",
        "adresse e-mail", "courriel", "correo", "correo electrónico", "emailadres", "e-postadress",
    ]

    /// By the first record of a file, and by what the person said: a column's title with `address`, another name, or `-` to leave it out.
    /// Throws `ColumnProblem`.
    package init(first fields: [String], chosen: [String: String] = [:]) throws {
        let lowered = fields.map { $0.lowercased() }
        let chosen = Dictionary(chosen.map { ($0.lowercased(), $1) }) { $1 }
        let named =
            lowered.firstIndex { chosen[$0] == "address" }
            ?? lowered.firstIndex { ColumnMapping.addressNames.contains($0) && chosen[$0] == nil }
        hasHeader = named != nil || !fields.contains { EmailAddress($0) != nil }
        guard let address = named ?? lowered.firstIndex(where: { EmailAddress($0) != nil }) else {
            throw ColumnProblem.noAddressColumn(fields)
        }
        if let missing = chosen.keys.sorted().first(where: { !lowered.contains($0) }) { throw ColumnProblem.noSuchColumn(missing, fields) }
        self.address = address
        let isNamed = hasHeader
        titles = fields.indices.map { isNamed && !fields[$0].isEmpty ? fields[$0] : "column \($0 + 1)" }
        var taken: Set<String> = []
        attributes = []
        for (column, title) in titles.enumerated() where column != address {
            let wanted = chosen[title.lowercased()] ?? title
            if wanted == "-" || wanted.isEmpty { continue }
            let name = String(wanted.lowercased().prefix(ColumnMapping.attributeNameMax))
            guard taken.insert(name).inserted else { throw ColumnProblem.twoColumns(name) }
            attributes.append(Attribute(column: column, name: name))
        }
    }
}

package enum ColumnProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case noAddressColumn([String])
    case noSuchColumn(String, [String])
    case twoColumns(String)

    package var description: String {
        switch self {
        case .noAddressColumn(let titles):
            "no column is called email or address, and the first line holds no address (it has: \(titles.prefix(20).joined(separator: ", ")))"
        case .noSuchColumn(let name, let titles): "there is no column \(name) (there are: \(titles.prefix(20).joined(separator: ", ")))"
        case .twoColumns(let name): "two columns are called \(name)"
        }
    }

    package var advice: String {
        switch self {
        case .noAddressColumn, .noSuchColumn: "Say which column it is: --map \"TITLE=address\"."
        case .twoColumns: "Leave one out: --map \"TITLE=-\", or rename it."
        }
    }
}
