package import MailModel

/// The limits that hold beside every policy, for each sender and for the organisation. A value of 0 is no limit.
package struct ServiceLimits: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var value: Int
        package var action: LimitAction
        package var failsOpen = false

        package init(_ value: Int, _ action: LimitAction) {
            self.value = value
            self.action = action
        }
    }

    package var entries: [LimitName: Entry] = [:]
    /// Connections at a time that a sender may submit by; 0 for as many as the listener has.
    package var connectionsPerSender = 0
    /// In one message, after groups are expanded; 0 for as many as the protocol's own bound allows.
    package var recipientsPerMessage = 0
    /// How far ahead slowed mail may be put, in hours.
    package var slowestReleaseHours = 24
    /// Whether a restriction stops mail to internal recipients too.
    package var restrictsInternal = true
    /// Times that a sender is released without a second person, in 30 days.
    package var releasesWithoutApproval = 3
    /// Where the organisation's day begins: an IANA name.
    package var timeZone = "UTC"
    package var detection = SpamDetection()

    package init() {}

    package static let objectName = "service"

    func limit(_ name: LimitName) -> Limit? {
        guard let entry = entries[name], entry.value > 0 else { return nil }
        return Limit(name, entry.value, entry.action, source: "service", failsOpen: entry.failsOpen)
    }

    /// Those of one sender, whatever its policy.
    package var ofSender: [Limit] {
        [.messagesPerMinute, .recipientsPer24Hours, .firstTimePer24Hours, .mebibytesPer24Hours].compactMap(limit)
    }

    package var ofConnector: [Limit] { [.connectorPerHour].compactMap(limit) }
    package var ofOrganisation: [Limit] { [.organisationExternal].compactMap(limit) }

    /// The quota of external recipients in 24 hours that Exchange Online gives a tenant with this many licences (TERRL):
    /// 500 × licences ^ 0.7 + 9,500, rounded.
    package static func organisationExternal(licences: Int) -> Int {
        Int((500 * sevenTenthsPower(Double(max(1, licences))) + 9500).rounded())
    }
}

/// The positive number whose tenth power is `value`⁷, by Newton's method.
private func sevenTenthsPower(_ value: Double) -> Double {
    func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * base } }
    let target = power(value, 7)
    var root = value
    for _ in 0..<200 {
        let next = root - (root - target / power(root, 9)) / 10
        if abs(next - root) < root * 1e-14 { return next }
        root = next
    }
    return root
}

/// When the verdicts on a sender's mail, rather than its volume, restrict it.
package struct SpamDetection: Hashable, Sendable, Codable {
    /// Restricts where more than this many percent of the last 20 judged messages were spam; 0 for never.
    package var percentOfLast20 = 50
    /// Spam in an hour; 0 for never.
    package var perHour = 10
    /// Nearly equal messages to recipients met for the first time, in an hour; 0 for never.
    package var nearDuplicatesPerHour = 10
    /// Spam in an hour over all senders that restricts the organisation; 0 for never.
    package var organisationPerHour = 100

    package init() {}
}

extension SpamDetection {
    /// Why the whole organisation's mail is suspicious; nil where it is not.
    package func organisationFinding(_ usage: SenderUsage, at now: Timestamp) -> Finding? {
        let spam = usage.used(.hour, at: now)[.spam]
        guard organisationPerHour > 0, spam >= organisationPerHour else { return nil }
        return Finding(
            rule: "detector.organisation-spam", matched: "\(spam) of \(organisationPerHour)",
            explanation: "\(spam) messages of the organisation's last hour were judged spam; \(organisationPerHour) restrict it.")
    }

    /// The same with half of the amounts: something is wrong, and nobody is stopped yet.
    package var early: SpamDetection {
        var early = self
        (early.percentOfLast20, early.perHour) = (percentOfLast20 / 2, (perHour + 1) / 2)
        (early.nearDuplicatesPerHour, early.organisationPerHour) = ((nearDuplicatesPerHour + 1) / 2, (organisationPerHour + 1) / 2)
        return early
    }

    /// Why the sender's mail looks like that of a hijacked account; nil where it does not.
    package func finding(_ usage: SenderUsage, at now: Timestamp) -> Finding? {
        let hour = usage.used(.hour, at: now)
        if perHour > 0, hour[.spam] >= perHour {
            return Finding(
                rule: "detector.spam-per-hour", matched: "\(hour[.spam]) of \(perHour)",
                explanation: "\(hour[.spam]) messages of the last hour were judged spam; \(perHour) restrict the sender.")
        }
        if nearDuplicatesPerHour > 0, hour[.nearDuplicates] >= nearDuplicatesPerHour {
            return Finding(
                rule: "detector.near-duplicates", matched: "\(hour[.nearDuplicates]) of \(nearDuplicatesPerHour)",
                explanation: "Nearly the same message went to \(hour[.nearDuplicates]) recipients whom the sender never wrote to before.")
        }
        let spam = usage.verdicts.nonzeroBitCount
        if percentOfLast20 > 0, usage.verdictCount == SenderUsage.verdictsMax, spam * 100 > percentOfLast20 * usage.verdictCount {
            return Finding(
                rule: "detector.spam-share", matched: "\(spam) of \(usage.verdictCount)",
                explanation:
                    "\(spam) of the last \(usage.verdictCount) messages were judged spam; more than \(percentOfLast20) % restrict it.")
        }
        return nil
    }
}
