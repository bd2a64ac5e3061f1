package import MailModel
package import OutboundPolicy
import Storage

/// Puts many addresses on the list: a part of a file at a time. Those that are there already stay as they are.
package struct ImportSuppressions: AdministrativeOperation {
    package static let name = "suppressions.import"
    package static let scope = AccessScope.suppressionsWrite

    package struct Row: Codable, Hashable, Sendable {
        /// Nil where only the hash is known.
        package var address: EmailAddress?
        /// Made by a gate with the same key.
        package var hash: String?
        package var place: SuppressionScope?
        package var cause: SuppressionReason?
        package var note: String?
        package var since: Timestamp?
        package var until: Timestamp?

        package init() {}
    }

    /// 1…5,000.
    package var rows: [Row]
    /// The file's name, for the entries' source.
    package var file: String
    /// True for the first part: the audit tells of the file once.
    package var isFirst: Bool

    package init(rows: [Row], file: String, isFirst: Bool) {
        self.rows = rows
        self.file = file
        self.isFirst = isFirst
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionChangeView {
        guard (1...SuppressionWork.partMax).contains(rows.count) else {
            throw AdministrationError(.invalid, "\(rows.count) rows", "One part holds 1 to \(SuppressionWork.partMax).")
        }
        guard !file.isEmpty, file.utf8.count <= 255 else {
            throw AdministrationError(.invalid, "the file wants a name of up to 255 octets")
        }
        let key = try administration.addressKey()
        let entries = try rows.enumerated().map { number, row in
            guard let digest = row.address.map(key.digest) ?? row.hash.flatMap({ AddressDigest($0) }) else {
                throw AdministrationError(.invalid, "row \(number + 1) has neither an address nor a hash of 32 hexadecimal digits")
            }
            return Suppression(
                key: SuppressionKey(tenant: .standard, scope: row.place ?? .organisation, digest: digest, reason: row.cause ?? .imported),
                address: row.address, source: "import \(file)", note: row.note ?? act.reason, createdAt: row.since ?? act.at,
                expiresAt: row.until)
        }
        let audit = isFirst ? act.entry("suppression.import", target: file) : nil
        return SuppressionChangeView(changed: try await administration.suppress(.put(entries, audit: audit)))
    }
}
