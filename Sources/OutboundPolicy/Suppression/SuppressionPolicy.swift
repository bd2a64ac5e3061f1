package import MailModel

extension SuppressionReason.Group: CodingKeyRepresentable {}

/// What the administrator chose about the suppression list: whose mail it keeps, what puts an address there, and which rates stop a sender.
package struct SuppressionPolicy: Hashable, Sendable, Codable {
    /// The mail that each group of reasons keeps from an address.
    package var classes: [SuppressionReason.Group: Set<TrafficClass>]
    /// True: RCPT is refused. False: the message is taken, and ends there as suppressed, so that one bad recipient keeps no client from
    /// the others.
    package var refusesAtSubmission = false
    /// Days on which mail came back before the address is suppressed, 1…100; 0: soft bounces suppress nobody.
    package var softBounces = 3
    /// In how many days, 1…90.
    package var softDays = 30
    /// For how many days then, 1…3650.
    package var softLastsDays = 30
    /// For how many days an address that does not exist is suppressed, up to 3650; 0: for ever.
    package var deadLastsDays = 0
    package var rates = RatePolicy()

    package init() {
        classes = [
            .dead: Set(TrafficClass.allCases), .soft: [.campaign], .complaint: [.campaign], .unsubscribe: [.campaign],
            .manual: [.personal, .application, .campaign],
        ]
    }

    package static let standard = SuppressionPolicy()
    package static let objectName = "suppression"

    /// What is wrong with it, in one sentence; nil where nothing is.
    package var problem: String? {
        if !(0...100).contains(softBounces) { return "soft bounces want 1 to 100 days, or 0 for never" }
        if !(1...90).contains(softDays) { return "soft bounces are counted over 1 to 90 days" }
        if !(1...3650).contains(softLastsDays) { return "soft bounces suppress for 1 to 3650 days" }
        if !(0...3650).contains(deadLastsDays) { return "dead addresses are suppressed for up to 3650 days, or 0 for ever" }
        return rates.problem
    }

    package func keeps(_ trafficClass: TrafficClass, for reason: SuppressionReason) -> Bool {
        classes[reason.group]?.contains(trafficClass) ?? false
    }
}

extension Directory {
    package var suppressionPolicy: SuppressionPolicy { suppression ?? .standard }
}

/// What something that came back does to the address of its recipient: carried out by the store, in the commit that keeps the outcome.
package struct SuppressionEffect: Hashable, Sendable {
    package enum Measure: Hashable, Sendable {
        case suppress
        /// A day on which mail came back: that many of them since a day suppress.
        case countSoft(daysMax: Int, since: Int32)
    }

    package var measure: Measure
    /// The entry that it makes, or would make.
    package var entry: Suppression

    package init(_ measure: Measure, _ entry: Suppression) {
        self.measure = measure
        self.entry = entry
    }
}

extension SuppressionPolicy {
    /// Whom something that came back is about, and who says so.
    package struct Subject: Sendable {
        package var address: EmailAddress
        package var digest: AddressDigest
        package var tenant: TenantID
        package var list: String?
        package var source: String
        package var note: String

        package init(address: EmailAddress, digest: AddressDigest, tenant: TenantID, list: String?, source: String, note: String) {
            self.address = address
            self.digest = digest
            self.tenant = tenant
            self.list = list
            self.source = source
            self.note = note
        }
    }

    /// Nil where the address is left alone. That an address is dead, or has no room, holds for all who write to it; what its owner wishes,
    /// for the list that the mail came from, or the tenant where it was of none.
    package func effect(of reason: SuppressionReason?, on subject: Subject, at now: Timestamp) -> SuppressionEffect? {
        guard let reason else { return nil }
        func entry(_ scope: SuppressionScope, days: Int) -> Suppression {
            Suppression(
                key: SuppressionKey(tenant: subject.tenant, scope: scope, digest: subject.digest, reason: reason), address: subject.address,
                source: subject.source, note: subject.note, createdAt: now, expiresAt: days == 0 ? nil : now + .seconds(days * 86_400))
        }
        switch reason.group {
        case .dead: return SuppressionEffect(.suppress, entry(.organisation, days: deadLastsDays))
        case .complaint, .unsubscribe:
            return SuppressionEffect(.suppress, entry(subject.list.map { .list($0) } ?? .tenant, days: 0))
        case .soft:
            guard softBounces > 0 else { return nil }
            return SuppressionEffect(
                .countSoft(daysMax: softBounces, since: now.day - Int32(softDays) + 1), entry(.organisation, days: softLastsDays))
        case .manual: return nil
        }
    }
}
