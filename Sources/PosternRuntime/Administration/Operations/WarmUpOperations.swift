import DeliveryPlanning
import MailModel
package import OutboundPolicy
import Storage

/// A warm-up as the command line and the HTTP interface show it.
package struct WarmUpView: Codable, Hashable, Sendable {
    package enum State: String, Codable, CaseIterable, Hashable, Sendable {
        /// Nothing has left yet.
        case new
        case warming, paused, warm
        /// Nothing has left for so long that it begins anew.
        case quiet
    }

    /// `vienna:google`, `vienna:all`.
    package var name: String
    package var source: String
    /// `all` for all.
    package var provider: String
    /// `own` for a calendar of one's own.
    package var plan: String
    package var state: State
    /// Of the calendar, from 1; how many there are where it is warm.
    package var day: Int
    package var days: Int
    /// Messages in any 24 hours at this time; nil where it is warm.
    package var cap: Int?
    /// RFC 3339; empty where nothing is paused.
    package var pausedUntil: String
    /// Why it was paused or set back, last.
    package var reason: String
    /// When mail left last, as a date; empty for never.
    package var lastUsed: String
    package var caps: [Int]
    /// Day by day, what was and what is to come; nil in a list.
    package var calendar: [Day]?

    package struct Day: Codable, Hashable, Sendable {
        /// `2026-11-22`, in UTC.
        package var date: String
        package var state: WarmUpCalendar.State
        /// Messages; nil where there is none, or it is not known any more.
        package var cap: Int?
        /// Messages that left; nil for a day to come.
        package var sent: Int?
        /// Pauses and set-backs with their reasons.
        package var texts: [String]

        init(_ entry: WarmUpCalendar.Entry) {
            date = WarmUpView.date(entry.day)
            (state, cap, sent, texts) = (entry.state, entry.cap, entry.sent, entry.texts)
        }
    }

    static func date(_ day: Int64) -> String { String(Timestamp(seconds: day * 86_400).rfc3339.prefix(10)) }

    init(_ warmUp: WarmUp, calendar: WarmUpCalendar? = nil, at now: Timestamp) {
        self.calendar = calendar?.entries.map(Day.init)
        name = warmUp.name
        source = warmUp.source
        provider = warmUp.provider?.rawValue ?? "all"
        plan = warmUp.plan?.rawValue ?? "own"
        days = warmUp.caps.count
        day = min(warmUp.step(at: now) + 1, days)
        cap = warmUp.cap(at: now)
        let isPaused = warmUp.isPaused(at: now)
        pausedUntil = isPaused ? warmUp.pausedUntil?.rfc3339 ?? "" : ""
        reason = warmUp.reason ?? ""
        lastUsed = warmUp.day.map(WarmUpView.date) ?? ""
        caps = warmUp.caps
        let isQuiet = warmUp.day.map { WarmUp.day(of: now) - $0 > WarmUp.quietDays } ?? false
        state = isPaused ? .paused : warmUp.day == nil ? .new : isQuiet ? .quiet : cap == nil ? .warm : .warming
    }
}

package struct ListWarmUps: AdministrativeOperation {
    package static let name = "warmup.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [WarmUpView] {
        try await administration.directory().warmUps.values.sorted { $0.name < $1.name }.map { WarmUpView($0, at: act.at) }
    }
}

package struct ShowWarmUp: AdministrativeOperation {
    package static let name = "warmup.show"
    package static let scope = AccessScope.routesRead
    package var name: String

    package init(name: String) { self.name = name }

    package func perform(in administration: Administration, _ act: Act) async throws -> WarmUpView {
        guard let found = try await administration.directory().warmUps[name] else { throw AdministrationError.noSuch("warm-up", name) }
        let counter = ShapingCounter(warmUp: name)
        let sums = try await administration.store.read {
            try $0.counterSums(CounterKey(name: counter.name, window: counter.window), at: act.at)
        }
        let sent = Dictionary(uniqueKeysWithValues: sums.map { (WarmUp.day(of: $0.key), $0.value) })
        return WarmUpView(found, calendar: WarmUpCalendar(found, sent: sent, at: act.at), at: act.at)
    }
}

/// Begins a warm-up of a source, or gives it another calendar; the day that it has reached stays.
package struct SetWarmUp: AdministrativeOperation {
    package static let name = "warmup.set"
    package static let scope = AccessScope.routesWrite
    package var source: String
    /// Nil: for all together.
    package var provider: MailProvider?
    /// Nil: the calendar below; without that, the one that it has, or the standard one.
    package var plan: WarmUpPlan?
    /// Messages of each day, of one's own.
    package var caps: [Int]?
    /// From 1: the day of the calendar to begin with; nil: the first, or as far as it is.
    package var day: Int?

    package init(source: String, provider: MailProvider? = nil, plan: WarmUpPlan? = nil, caps: [Int]? = nil, day: Int? = nil) {
        self.source = source
        self.provider = provider
        self.plan = plan
        self.caps = caps
        self.day = day
    }

    private static let warmUpsMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> WarmUpView {
        let directory = try await administration.directory()
        guard directory.sources[source] != nil || source == EgressSource.standardName else {
            throw AdministrationError.noSuch("source", source)
        }
        guard plan == nil || caps == nil else {
            throw AdministrationError(.invalid, "a plan has a calendar already", "Give a plan or days of one's own.")
        }
        let known = directory.warmUps[WarmUp.name(source, provider)]
        guard known != nil || directory.warmUps.count < SetWarmUp.warmUpsMax else {
            throw AdministrationError(.conflict, "there are \(SetWarmUp.warmUpsMax) warm-ups already", "Remove one first.")
        }
        var warmUp = known ?? WarmUp(source: source, provider: provider, caps: WarmUpPlan.standard.caps, plan: .standard, createdAt: act.at)
        if let calendar = caps ?? plan?.caps { (warmUp.caps, warmUp.plan) = (calendar, plan) }
        warmUp.step = min(warmUp.step, warmUp.caps.count)
        if let mistake = warmUp.mistake { throw AdministrationError(.invalid, "warm-up \(warmUp.name): \(mistake)") }
        if let day {
            guard (1...warmUp.caps.count).contains(day) else {
                throw AdministrationError(.invalid, "day \(day) is not within 1…\(warmUp.caps.count)")
            }
            warmUp.setStep(day - 1, act.sentence("put to day \(day)"), at: act.at)
        }
        try await administration.put(
            .warmUp, name: warmUp.name, warmUp, expecting: warmUp.version, entry: act.entry("warmup.set", target: warmUp.name))
        return WarmUpView(warmUp, at: act.at)
    }
}

extension Act {
    /// `paused by account:a@example.org: the list was bad`.
    fileprivate func sentence(_ verb: String) -> String { "\(verb) by \(actor)" + (reason.isEmpty ? "" : ": \(reason)") }
}

/// Lets nothing leave by a warm-up for a while, or go on.
package struct PauseWarmUp: AdministrativeOperation {
    package static let name = "warmup.pause"
    package static let scope = AccessScope.routesWrite
    package var name: String
    /// 1…31,536,000; 0: it goes on.
    package var seconds: Int

    package init(name: String, seconds: Int) {
        self.name = name
        self.seconds = seconds
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> WarmUpView {
        guard var found = try await administration.directory().warmUps[name] else { throw AdministrationError.noSuch("warm-up", name) }
        guard (0...31_536_000).contains(seconds) else { throw AdministrationError(.invalid, "\(seconds) s are not within a year") }
        let until = seconds == 0 ? nil : act.at + .seconds(Int64(seconds))
        found.pause(until: until, act.sentence(seconds == 0 ? "resumed" : "paused"), at: act.at)
        try await administration.put(
            .warmUp, name: name, found, expecting: found.version,
            entry: act.entry(seconds == 0 ? "warmup.resume" : "warmup.pause", target: name))
        if seconds == 0 { administration.live?.raise(found.alertOver(at: act.at)) }
        return WarmUpView(found, at: act.at)
    }
}

package struct RemoveWarmUp: AdministrativeOperation {
    package static let name = "warmup.remove"
    package static let scope = AccessScope.routesWrite
    package var name: String

    package init(name: String) { self.name = name }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        guard let found = try await administration.directory().warmUps[name] else { throw AdministrationError.noSuch("warm-up", name) }
        try await administration.remove(.warmUp, name: name, entry: act.entry("warmup.remove", target: name))
        administration.live?.raise(found.alertOver(at: act.at))
        return Affected(count: 1)
    }
}
