import DeliveryPlanning
import Foundation
import MailModel
package import OutboundPolicy
import Storage
import SwiftASN1
import X509

/// What will want a person soon. Times are RFC 3339 in UTC.
package struct DayAheadView: Codable, Hashable, Sendable {
    package var kind: DayAhead.Item.Kind
    /// Whom or what it is about.
    package var subject: String
    /// Empty: it is so already.
    package var at: String
    package var severity: AlertSeverity
    package var text: String
    package var advice: String

    init(_ item: DayAhead.Item) {
        kind = item.kind
        subject = item.subject
        at = item.at?.rfc3339 ?? ""
        severity = item.severity
        text = item.text
        advice = item.advice
    }
}

/// Limits that will be reached, caps of warm-ups, certificates, keys and accounts that end, domains that receivers refuse, and blocklists.
package struct ShowDayAhead: AdministrativeOperation {
    package static let name = "status.ahead"
    package static let scope = AccessScope.limitsRead
    package init() {}

    /// Senders that are looked at, the nearest to a limit first.
    private static let sendersMax = 100

    package func perform(in administration: Administration, _ act: Act) async throws -> [DayAheadView] {
        var ahead = DayAhead(at: act.at)
        let directory = try await administration.directory()
        for near in try await TopLimits(limit: ShowDayAhead.sendersMax).nearest(in: administration, act) {
            ahead.see(near.standing, of: near.subject)
        }
        for warmUp in directory.warmUps.values.sorted(by: { $0.name < $1.name }) where !warmUp.isPaused(at: act.at) {
            guard let cap = warmUp.cap(at: act.at) else { continue }
            let counter = ShapingCounter(warmUp: warmUp.name)
            let sums = try await administration.store.read {
                try $0.counterSums(CounterKey(name: counter.name, window: counter.window), at: act.at)
            }
            let today = WarmUp.day(of: act.at)
            ahead.see(warmUp: warmUp.name, cap: cap, sent: sums.reduce(0) { $0 + (WarmUp.day(of: $1.key) == today ? $1.value : 0) })
        }
        if let (name, endsAt) = try await certificate(administration) { ahead.see(certificate: name, endsAt: endsAt) }
        for key in directory.apiKeys.values where !key.isDisabled {
            if let endsAt = key.expiresAt { ahead.see(apiKey: key.name, endsAt: endsAt) }
        }
        for account in directory.accounts.values where !account.isDisabled {
            if let endsAt = account.expiresAt { ahead.see(account: account.address.key, endsAt: endsAt) }
        }
        for domain in try await ListDomainHealth().perform(in: administration, act) {
            ahead.see(domain: domain.domain, errors: domain.errors, worst: domain.worst)
        }
        for check in try await administration.store.read({ try $0.reputationChecks() }) where check.isBad {
            let isIdentity = check.key.list == ReputationCheck.Key.identity
            if !isIdentity { ahead.see(listed: check.key.subject, list: check.key.list, text: check.text) }
        }
        return ahead.items.map(DayAheadView.init)
    }

    /// Of the listeners, the node's own; nil where its file cannot be read as one, which the gate says when it starts.
    private func certificate(_ administration: Administration) async throws -> (String, Timestamp)? {
        let name = try administration.dataDirectory.settings().tls.certificate
        let path = administration.dataDirectory.path(of: name)
        let endsAt = try await BlockingWork.run { () -> Timestamp? in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            // A file may hold a chain; the node's own comes first.
            let end = "-----END CERTIFICATE-----"
            guard let range = text.range(of: end), let read = try? Certificate(pemEncoded: String(text[..<range.upperBound])) else {
                return nil
            }
            return Timestamp(seconds: Int64(read.notValidAfter.timeIntervalSince1970))
        }
        return endsAt.map { (name, $0) }
    }
}
