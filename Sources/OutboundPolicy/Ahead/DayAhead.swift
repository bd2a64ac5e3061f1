package import MailModel

/// What will want a person soon, as far as it can be seen now.
package struct DayAhead: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            case limit
            case warmUp = "warm-up"
            case certificate
            case apiKey = "api-key"
            case account
            case domain
            case listing
        }

        package var kind: Kind
        /// Whom or what it is about, as its page has it.
        package var subject: String
        /// Nil: it is so already.
        package var at: Timestamp?
        package var severity: AlertSeverity
        package var text: String
        package var advice: String
    }

    /// The gravest first, then what comes first.
    package private(set) var items: [Item] = []
    private let now: Timestamp

    /// How far ahead limits and warm-ups are looked at.
    package static let span = Duration.seconds(86_400)
    /// Keys and accounts that end are told of so long before.
    package static let endingSpan = Duration.seconds(7 * 86_400)
    /// Below this much of a limit, the pace of an hour says little.
    private static let percentMin = 50
    /// A pace says no more than so many seconds; and what is said again and again stays the same meanwhile.
    private static let estimateSeconds: Int64 = 300
    private static let certificateDays: (low: Int64, medium: Int64, high: Int64) = (21, 7, 2)

    package init(at now: Timestamp) { self.now = now }

    private mutating func add(
        _ kind: Item.Kind, _ subject: String, at time: Timestamp?, _ severity: AlertSeverity, _ text: String, _ advice: String
    ) {
        let item = Item(kind: kind, subject: subject, at: time, severity: severity, text: text, advice: advice)
        let place = items.firstIndex { DayAhead.isBefore(item, $0) } ?? items.count
        items.insert(item, at: place)
    }

    private static func isBefore(_ first: Item, _ second: Item) -> Bool {
        let ranks: [AlertSeverity] = [.high, .medium, .low]
        let (mine, theirs) = (ranks.firstIndex(of: first.severity) ?? 0, ranks.firstIndex(of: second.severity) ?? 0)
        if mine != theirs { return mine < theirs }
        return (first.at?.milliseconds ?? 0, first.subject) < (second.at?.milliseconds ?? 0, second.subject)
    }

    private static func estimate(_ time: Timestamp) -> Timestamp {
        Timestamp(seconds: (time.seconds + estimateSeconds / 2) / estimateSeconds * estimateSeconds)
    }

    // MARK: - What is coming

    /// A limit that is reached at the pace of the last hour.
    package mutating func see(_ standing: LimitStanding, of subject: String) {
        let reading = standing.reading
        guard standing.fits, reading.percent >= DayAhead.percentMin, let reached = standing.reachedAt, reached < now + DayAhead.span else {
            return
        }
        let isOrganisation = standing.holder == .organisation
        add(
            .limit, subject, at: DayAhead.estimate(reached), isOrganisation ? .high : .medium,
            "\(isOrganisation ? "The organisation" : subject) reaches a limit at the pace of the last hour: \(reading.text)",
            isOrganisation
                ? "Find who sends most, or put off what can wait." : "Ask whether it is meant; a higher limit can be given for a time.")
    }

    /// A source that is being warmed up, whose cap the day's mail reaches. `sent`: messages of today (UTC).
    package mutating func see(warmUp name: String, cap: Int, sent: Int) {
        let passed = now.seconds % 86_400
        guard passed >= 3600, sent < cap, sent > 0 else {
            if sent >= cap {
                add(
                    .warmUp, name, at: nil, .low, "\(name) has sent its \(cap) messages of today",
                    "The rest leaves by warm sources, or waits until tomorrow.")
            }
            return
        }
        let seconds = Int64(cap - sent) * passed / Int64(sent)
        guard passed + seconds < 86_400 else { return }
        add(
            .warmUp, name, at: DayAhead.estimate(now + .seconds(seconds)), .low,
            "\(name) will have sent its \(cap) messages of today at the pace so far (\(sent) now)",
            "What is more leaves by warm sources, or waits until tomorrow.")
    }

    /// The certificate of the listeners. `endsAt`: its last moment.
    package mutating func see(certificate name: String, endsAt: Timestamp) {
        let days = (endsAt - now).milliseconds / 86_400_000
        guard endsAt > now else {
            return add(
                .certificate, name, at: nil, .high, "The certificate \(name) has ended",
                "Clients that check it no longer submit. Renew it, then send the gate SIGHUP.")
        }
        let bounds = DayAhead.certificateDays
        guard days < bounds.low else { return }
        add(
            .certificate, name, at: endsAt, days < bounds.high ? .high : days < bounds.medium ? .medium : .low,
            "The certificate \(name) ends in \(days == 1 ? "1 day" : "\(days) days")", "Renew it, then send the gate SIGHUP.")
    }

    package mutating func see(apiKey name: String, endsAt: Timestamp) {
        guard endsAt > now, endsAt < now + DayAhead.endingSpan else { return }
        add(.apiKey, name, at: endsAt, .medium, "The API key \(name) ends soon", "Make a new one and give it to the program.")
    }

    package mutating func see(account address: String, endsAt: Timestamp) {
        guard endsAt > now, endsAt < now + DayAhead.endingSpan else { return }
        add(.account, address, at: endsAt, .low, "The account \(address) ends soon", "Ask whether it is still needed.")
    }

    /// `errors`: what receivers refuse mail for; `worst`: the gravest of it, in words.
    package mutating func see(domain: String, errors: Int, worst: String) {
        guard errors > 0 else { return }
        add(
            .domain, domain, at: nil, .medium, "\(domain): \(worst)\(errors > 1 ? " (and \(errors - 1) more)" : "")",
            "Its page has the records to publish.")
    }

    package mutating func see(listed subject: String, list: String, text: String) {
        add(
            .listing, subject, at: nil, .high, "\(subject) is on \(list)\(text.isEmpty ? "" : ": \(text)")",
            "Its page says how it is taken off.")
    }
}
