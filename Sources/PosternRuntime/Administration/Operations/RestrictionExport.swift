import DeliveryPlanning
import Foundation
import MailModel
package import OutboundPolicy
import Storage

/// Everything about a restricted entity in one piece, for people who have no access to the gate.
package struct RestrictionExport: Codable, Hashable, Sendable {
    package struct AuditLine: Codable, Hashable, Sendable {
        package var time: String
        package var actor: String
        package var action: String
        package var reason: String
    }

    package var exported: String
    package var isRedacted: Bool
    package var restriction: RestrictionView
    /// Of the seven days before the restriction and of all since, newest first, at most 10,000.
    package var trace: [TraceLine]
    /// Administrative acts on the entity, newest first.
    package var audit: [AuditLine]
}

package struct ExportRestriction: AdministrativeOperation {
    package static let name = "restricted.export"
    package static let scope = AccessScope.restrictionsRead
    package var entity: RestrictedEntity
    /// Local parts of recipients, subjects and addresses of clients are left out.
    package var redacts: Bool

    package init(entity: RestrictedEntity, redacts: Bool) {
        self.entity = entity
        self.redacts = redacts
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RestrictionExport {
        let restriction = try await administration.restriction(entity)
        let name = entity.description
        let audit = try await administration.store.read { try $0.audit(limit: PageLimit.range.upperBound) }.filter { $0.target == name }
        let export = RestrictionExport(
            exported: act.at.rfc3339, isRedacted: redacts, restriction: RestrictionView(restriction, at: act.at),
            trace: try await trace(of: restriction, administration),
            audit: audit.map { .init(time: $0.at.rfc3339, actor: $0.actor, action: $0.action, reason: $0.reason) })
        return redacts ? export.redacted : export
    }

    private func trace(of restriction: Restriction, _ administration: Administration) async throws -> [TraceLine] {
        guard let sender = restriction.entity.senderName else { return [] }
        var query = TraceQuery()
        query.sender = sender
        query.since = restriction.since - .seconds(7 * 86_400)
        query.limit = PageLimit.range.upperBound
        let wanted = query
        return try await administration.store.read { try $0.trace(wanted).map(TraceLine.init) }
    }
}

extension RestrictionExport {
    fileprivate static let left = "(left out)"

    /// What says how the mail was sent, without what it said and to whom.
    fileprivate var redacted: RestrictionExport {
        var copy = self
        copy.restriction.evidence.subjects = restriction.evidence.subjects.map { _ in RestrictionExport.left }
        copy.restriction.evidence.recipients = restriction.evidence.recipients.map(RestrictionExport.domain)
        copy.restriction.evidence.addresses = restriction.evidence.addresses.map { _ in RestrictionExport.left }
        copy.trace = trace.map { line in
            var line = line
            line.subject = RestrictionExport.left
            line.recipient = RestrictionExport.domain(line.recipient)
            line.messageID = RestrictionExport.left
            line.reply = line.reply.replacing(/[^\s<>@]+@/, with: "…@")
            return line
        }
        return copy
    }

    private static func domain(_ address: String) -> String {
        "…@" + (address.split(separator: "@", maxSplits: .max, omittingEmptySubsequences: false).last.map(String.init) ?? "")
    }
}
