package import MailModel
import OutboundPolicy

/// An entry of the suppression list as the command line, the API and the console show it.
package struct SuppressionView: Codable, Hashable, Sendable {
    /// Empty after erasure.
    package var address: String
    /// 32 hexadecimal digits; whom it is about, for a gate with the same key.
    package var hash: String
    /// `organisation`, `tenant`, `list:NAME`, `stream:NAME`.
    package var scope: String
    package var reason: SuppressionReason
    /// Who or what put it there.
    package var source: String
    package var note: String
    /// RFC 3339.
    package var since: String
    /// Empty: for ever.
    package var until: String
    /// When it was removed or ended; empty while it counts.
    package var removed: String
    /// Of the list, for the page after it.
    package var stamp: Int64

    init(_ entry: Suppression) {
        address = entry.address.map(\.description) ?? ""
        hash = entry.key.digest.text
        scope = entry.key.scope.description
        reason = entry.key.reason
        source = entry.source
        note = entry.note
        since = entry.createdAt.rfc3339
        until = entry.expiresAt?.rfc3339 ?? ""
        removed = entry.removedAt?.rfc3339 ?? ""
        stamp = entry.stamp
    }
}

/// What is known of one address, and whose mail that keeps from it.
package struct SuppressionCheckView: Codable, Hashable, Sendable {
    package var address: String
    package var hash: String
    /// Names of the traffic classes whose mail ends as suppressed, for mail of no list.
    package var keeps: [String]
    /// What was removed among them; the newest first.
    package var entries: [SuppressionView]

    init(_ address: EmailAddress, _ digest: AddressDigest, _ entries: [Suppression], _ policy: SuppressionPolicy) {
        self.address = address.description
        hash = digest.text
        self.entries = entries.map(SuppressionView.init)
        let active = entries.filter { $0.removedAt == nil }
        keeps = TrafficClass.allCases.filter { trafficClass in
            let scopes = MailStream(tenant: .standard, trafficClass: trafficClass).scopes
            return active.contains { scopes.contains($0.key.scope) && policy.keeps(trafficClass, for: $0.key.reason) }
        }.map(\.name)
    }
}

/// How many entries an act changed.
package struct SuppressionChangeView: Codable, Hashable, Sendable {
    package var changed: Int
}
