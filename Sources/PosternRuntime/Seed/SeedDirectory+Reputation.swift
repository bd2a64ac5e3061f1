import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// A domain that a list had for two days, what receivers said of it, and who asked them to tell.
extension SeedDirectory {
    private static let figureDays = 20

    func fillReputation() async throws {
        let domain = "northwind.test"
        let listed = ReputationCheck.Key(subject: domain, list: "spamhaus-dbl")
        func event(daysAgo days: Int64, isBad: Bool, _ text: String) -> ReputationEvent {
            ReputationEvent(key: listed, at: now - .seconds(86_400 * days), isBad: isBad, text: text)
        }
        let since = now - .seconds(86_400 * 3)
        let checks = [
            ReputationCheck(key: listed, isBad: false, since: since, at: now, text: ""),
            ReputationCheck(
                key: ReputationCheck.Key(subject: domain, list: "uribl"), isBad: false, since: now, at: now, text: "",
                unknown: "127.0.0.1: this resolver asks too much", isKnown: false),
            ReputationCheck(
                key: ReputationCheck.Key(subject: domain, list: "surbl"), isBad: true, since: now - .seconds(9000), at: now,
                text: "a domain seen in links of spam (127.0.0.64)"),
        ]
        let events = [
            event(daysAgo: 5, isBad: true, "a domain seen in spam (127.0.1.2)"), event(daysAgo: 3, isBad: false, ""),
        ]
        _ = try await administration.store.perform(.reputation(.looked(put: checks, drop: [], events: events)))
        _ = try await administration.store.perform(.reputation(.figures(figures(domain))))
        _ = try await administration.perform(
            SetEnrolment(loop: .gmail, subject: domain, state: .active, note: "TXT record published"), act(.seconds(86_400 * 8)))
    }

    private func figures(_ domain: String) -> [ReputationFigure] {
        (1...Int32(SeedDirectory.figureDays)).map { back in
            var figure = ReputationFigure(source: .postmaster, day: now.day - back, subject: domain)
            figure.complaintPercent = back == 5 ? 0.34 : Double(back * 7 % 13) / 100
            figure.verdict = back < 6 ? "medium" : "high"
            return figure
        }
    }
}
