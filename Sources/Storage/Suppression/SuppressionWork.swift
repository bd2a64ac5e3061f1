package import DeliveryPlanning
package import MailModel

/// Changes of the suppression list, and what came back. Answered by `affected`: entries that changed.
package enum SuppressionWork: Sendable {
    /// One that counts already stays, unless it lasts longer now. At most `partMax`.
    case put([Suppression], audit: AuditEntry?)
    /// They count no more, and are kept for a while.
    case remove([SuppressionKey], at: Timestamp, audit: AuditEntry)
    /// Those that were removed count again.
    case restore([SuppressionKey], at: Timestamp, audit: AuditEntry)
    /// Of an address only its hash is left. What its entries keep from it stays as it is.
    case erase(AddressDigest, audit: AuditEntry)
    /// Those whose time is over count no more.
    case endExpired(at: Timestamp)
    /// Drops what was removed before a time, soft bounces of days before `softDay`, and figures of hours before `hour`; some of each.
    case tidy(removedBefore: Timestamp, softDay: Int32, hour: Int64)
    /// Something came back. `affected` is 1 where it put its recipient on the list.
    case feedback(Feedback)

    package static let partMax = 5000
}

package struct SuppressionQuery: Hashable, Sendable, Codable {
    package var reason: SuppressionReason?
    package var scope: SuppressionScope?
    /// Of a domain: `example.com`; or how addresses begin: `kim@`.
    package var pattern: String?
    /// Also those that were removed or are over.
    package var includesRemoved = false
    /// Those changed before this one: the stamp of the last of the page before.
    package var before: Int64?
    /// 1…10,000.
    package var limit = 100

    package init() {}
}

/// How many outcomes of a kind there were in an hour, by receiver.
package struct SendingCount: Hashable, Sendable {
    package var event: SendingEvent
    /// Empty but for `RateSubject.all` and senders that are campaigns.
    package var provider: String
    /// Since 1970.
    package var hour: Int64
    package var total: Int

    package static func hour(of time: Timestamp) -> Int64 { time.seconds / 3600 }
}

/// What the figures of a subject are asked by.
package struct SendingSubject: Hashable, Sendable {
    package var tenant: TenantID
    /// A `RateSubject` in text, or `SendingTally.unproven`.
    package var subject: String

    package init(tenant: TenantID = .standard, _ subject: String) {
        self.tenant = tenant
        self.subject = subject
    }
}
