package import MailModel

/// Rates of what comes back at which a sender is warned of, held and stopped.
package struct RatePolicy: Hashable, Sendable, Codable {
    /// Percent; 0 for never.
    package struct Thresholds: Hashable, Sendable, Codable, CustomStringConvertible {
        package var warn: Double
        package var hold: Double
        package var stop: Double

        package init(warn: Double, hold: Double, stop: Double) {
            self.warn = warn
            self.hold = hold
            self.stop = stop
        }

        /// The heaviest that `percent` reaches; nil for none.
        func level(_ percent: Double) -> RateLevel? {
            if stop > 0, percent >= stop { return .stop }
            if hold > 0, percent >= hold { return .hold }
            return warn > 0 && percent >= warn ? .warn : nil
        }

        /// As people read it: `2, 4, 8 %`.
        package var description: String {
            [warn, hold, stop].map { $0 == 0 ? "never" : RatePolicy.text($0) }.joined(separator: ", ") + " %"
        }

        var isOrdered: Bool {
            let set = [warn, hold, stop].filter { $0 != 0 }
            return set.allSatisfy { $0 > 0 && $0 <= 100 } && set == set.sorted()
        }
    }

    /// The window ends now and slides by hours: 1…168.
    package var windowHours = 24
    /// With fewer messages in the window no rate counts: 1…1,000,000.
    package var messagesMin = 100
    /// With fewer bounces, complaints or deferrals their rate does not count: 1…1,000.
    package var eventsMin = 3
    /// Of messages that arrived or came back.
    package var hardBounces = Thresholds(warn: 2, hold: 4, stop: 8)
    /// Of messages that arrived.
    package var complaints = Thresholds(warn: 0.08, hold: 0.2, stop: 0.3)
    /// Of attempts.
    package var deferrals = Thresholds(warn: 30, hold: 0, stop: 0)

    package init() {}

    package var problem: String? {
        if !(1...168).contains(windowHours) { return "rates are taken over 1 to 168 hours" }
        if !(1...1_000_000).contains(messagesMin) { return "a rate counts from 1 to 1000000 messages on" }
        if !(1...1000).contains(eventsMin) { return "a rate counts from 1 to 1000 events on" }
        guard hardBounces.isOrdered, complaints.isOrdered, deferrals.isOrdered else {
            return "thresholds are percent up to 100 in the order warn, hold, stop, or 0 for never"
        }
        return nil
    }
}

package enum RateLevel: String, Hashable, Comparable, Sendable, Codable {
    case warn, hold, stop

    /// In percent of the worst, as alerts count their stages.
    package var stage: Int {
        switch self {
        case .warn: 25
        case .hold: 50
        case .stop: 100
        }
    }

    package static func < (one: RateLevel, other: RateLevel) -> Bool { one.stage < other.stage }
}

/// Whose mail figures are about. Text forms: `sender:a@example.org`, `list:news.example.org`, `provider:google`, `all`. A campaign's are those of
/// its sender, `sender:campaign:spring`; `campaign:spring` is read as that.
package enum RateSubject: Hashable, Sendable, CustomStringConvertible {
    case sender(String)
    case list(String)
    case provider(String)
    case all

    package init?(_ text: some StringProtocol) {
        if text == "all" {
            self = .all
            return
        }
        guard let colon = text.firstIndex(of: ":"), text.index(after: colon) < text.endIndex else { return nil }
        let name = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "sender": self = .sender(name)
        case "list": self = .list(name)
        case "campaign": self = .sender(String(text))
        case "provider": self = .provider(name)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .sender(let name): "sender:\(name)"
        case .list(let name): "list:\(name)"
        case .provider(let name): "provider:\(name)"
        case .all: "all"
        }
    }
}

/// What became of mail in a time.
package struct SendingFigures: Hashable, Sendable, Codable {
    package var delivered = 0
    /// Addresses that do not exist.
    package var hardBounces = 0
    package var otherBounces = 0
    package var complaints = 0
    /// Attempts that are made again.
    package var deferrals = 0

    package init() {}

    package var messages: Int { delivered + hardBounces + otherBounces }

    /// Percent; 0 where there is nothing to take it of.
    private func percent(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) * 100 / Double(whole) : 0 }
    package var hardBouncePercent: Double { percent(hardBounces, of: messages) }
    package var complaintPercent: Double { percent(complaints, of: delivered) }
    package var deferralPercent: Double { percent(deferrals, of: deferrals + messages) }
}

/// A rate that has reached a threshold.
package struct RateFinding: Hashable, Comparable, Sendable {
    package var level: RateLevel
    package var finding: Finding

    package init(level: RateLevel, finding: Finding) {
        self.level = level
        self.finding = finding
    }

    package static func < (one: RateFinding, other: RateFinding) -> Bool { one.level < other.level }
}

/// Whose mail has reached a threshold, with the heaviest of its rates.
package struct RateStanding: Hashable, Sendable {
    package struct Key: Hashable, Sendable {
        package var tenant: TenantID
        package var subject: RateSubject

        package init(tenant: TenantID, subject: RateSubject) {
            self.tenant = tenant
            self.subject = subject
        }
    }

    package var key: Key
    package var figures: SendingFigures
    package var finding: RateFinding

    /// Nil where no rate that counts has reached a threshold.
    package init?(_ key: Key, _ figures: SendingFigures, _ policy: RatePolicy) {
        guard let worst = policy.findings(figures, of: key.subject).first else { return nil }
        self.key = key
        self.figures = figures
        finding = worst
    }

    package func condition(at now: Timestamp) -> AlertCondition {
        let advice =
            switch (finding.level, key.subject) {
            case (.warn, _): "Look at what came back with `postern suppressions returns`, and where the addresses come from."
            case (.stop, .sender): "The sender is restricted. Find out where its addresses come from, then release it."
            case (.stop, .list): "Mail of this list is refused. Clean the list of addresses that nobody has confirmed."
            case (.hold, .sender), (.hold, .list): "New mail is held for review. Look at it with `postern queue list`."
            default:
                "Look at what came back with `postern suppressions returns`. Receivers as a whole are warned of, and nothing is held for them."
            }
        return AlertCondition(
            .sendingRate, subject: key.subject.description, tenant: key.tenant, at: now, text: finding.finding.explanation, advice: advice,
            findings: [finding.finding], stage: finding.level.stage)
    }
}

extension RatePolicy {
    /// Every rate of the subject's that counts and has reached a threshold, the heaviest first.
    package func findings(_ figures: SendingFigures, of subject: RateSubject) -> [RateFinding] {
        guard figures.messages >= messagesMin else { return [] }
        func judge(
            _ rule: String, _ words: String, _ events: Int, of whole: Int, _ wholeWords: String, _ percent: Double, _ thresholds: Thresholds
        ) -> RateFinding? {
            guard events >= eventsMin, let level = thresholds.level(percent) else { return nil }
            let limit = level == .stop ? thresholds.stop : level == .hold ? thresholds.hold : thresholds.warn
            return RateFinding(
                level: level,
                finding: Finding(
                    rule: "rate.\(rule)", matched: "\(events) of \(whole) (\(RatePolicy.text(percent)) %)",
                    explanation: "\(words) of \(subject) in \(windowHours) h: \(events) of \(whole) \(wholeWords), "
                        + "\(RatePolicy.text(percent)) %; the threshold to \(level.rawValue) is \(RatePolicy.text(limit)) %."))
        }
        let all = [
            judge(
                "hard-bounces", "Addresses that do not exist", figures.hardBounces, of: figures.messages, "messages",
                figures.hardBouncePercent, hardBounces),
            judge(
                "complaints", "Complaints", figures.complaints, of: figures.delivered, "delivered messages", figures.complaintPercent,
                complaints),
            judge(
                "deferrals", "Deferred attempts", figures.deferrals, of: figures.deferrals + figures.messages, "attempts",
                figures.deferralPercent, deferrals),
        ]
        return all.compactMap { $0 }.sorted { $0.level > $1.level }
    }

    /// Two decimals at most, rounded down, so that a figure that is shown never passes a threshold that was not reached.
    package static func text(_ percent: Double) -> String {
        let hundredths = Int(percent * 100 + 1e-9)
        let (whole, part) = (hundredths / 100, hundredths % 100)
        if part == 0 { return "\(whole)" }
        return part % 10 == 0 ? "\(whole).\(part / 10)" : "\(whole).\(part < 10 ? "0" : "")\(part)"
    }
}
