import MailModel
package import OutboundPolicy
import Storage

/// Part of the whole list, in the order of hashes: what changes while the parts are read is in one of them, or in none where it was taken off.
package struct SuppressionExportView: Codable, Hashable, Sendable {
    package var rows: [SuppressionView]
    /// Where the next part begins; nil after the last.
    package var next: String?
}

package struct ExportSuppressions: AdministrativeOperation {
    package static let name = "suppressions.export"
    package static let scope = AccessScope.suppressionsRead
    package static let partMax = 1000
    /// `next` of the part before; nil for the first.
    package var after: String?

    package init(after: String? = nil) { self.after = after }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionExportView {
        let key = try after.map { text in
            guard let key = ExportSuppressions.key(text) else {
                throw AdministrationError(.invalid, "\"\(text.prefix(100))\" is not where a part begins")
            }
            return key
        }
        let rows = try await administration.store.read { try $0.suppressionPage(after: key, limit: ExportSuppressions.partMax) }
        let next = rows.count == ExportSuppressions.partMax ? rows.last.map { ExportSuppressions.text($0.key) } : nil
        return SuppressionExportView(rows: rows.map(SuppressionView.init), next: next)
    }

    private static func text(_ key: SuppressionKey) -> String {
        "\(key.digest.text) \(key.tenant.value) \(key.reason.rawValue) \(key.scope)"
    }

    private static func key(_ text: String) -> SuppressionKey? {
        let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let digest = AddressDigest(parts[0]), let tenant = Int32(parts[1]),
            let reason = SuppressionReason(rawValue: String(parts[2])), let scope = SuppressionScope(parts[3])
        else { return nil }
        return SuppressionKey(tenant: TenantID(tenant), scope: scope, digest: digest, reason: reason)
    }
}
