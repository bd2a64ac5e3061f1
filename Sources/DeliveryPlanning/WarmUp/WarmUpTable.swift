import MailModel
import OutboundPolicy

/// The warm-ups of one directory version, with what has happened here since.
struct WarmUpTable: Sendable {
    private(set) var byName: [String: WarmUp] = [:]
    /// What was answered lately, by name.
    private var signals: [String: WarmUpSignals] = [:]
    /// Messages that left and are not counted in the store yet, by name.
    private var uncounted: [String: Int] = [:]
    private var countedAt = Timestamp(milliseconds: 0)

    var isEmpty: Bool { byName.isEmpty }

    init(_ directory: Directory) { take(directory) }

    /// What was decided here and does not stand there yet is not undone: a day that was used, a set-back.
    mutating func take(_ directory: Directory) {
        byName = directory.warmUps.mapValues { new in
            guard let known = byName[new.name], known.caps == new.caps, known.createdAt == new.createdAt else { return new }
            let isAhead =
                (known.day ?? -1) > (new.day ?? -1) || known.setBackOn != new.setBackOn && (known.setBackOn ?? -1) > (new.setBackOn ?? -1)
            return isAhead ? known : new
        }
        signals = signals.filter { byName[$0.key] != nil }
    }

    /// The limits of this day, as shaping policies: one for each warm-up that is not over.
    func policies(at now: Timestamp) -> [ShapingPolicy] {
        byName.values.sorted { $0.name < $1.name }.compactMap { warmUp in
            guard let cap = warmUp.cap(at: now) else { return nil }
            return ShapingPolicy(
                name: WarmUpTable.prefix + warmUp.name, scope: ShapingScope(provider: warmUp.provider, source: warmUp.source),
                limits: ShapingLimits(rates: [ShapingRate(cap, .messages, per: .day)]), createdAt: warmUp.createdAt)
        }
    }

    static let prefix = "warm-up "

    /// Whether a meter is that of a warm-up.
    static func isMeter(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// Whether a source may take what others have no room for.
    func isWarm(_ source: String, provider: MailProvider?, at now: Timestamp) -> Bool {
        covering(source, provider).allSatisfy { $0.isWarm(at: now) && !$0.isPaused(at: now) }
    }

    /// When mail from a source to a provider may go on; nil where nothing is paused.
    func pause(_ source: String, destination: String, at now: Timestamp) -> WarmUp? {
        guard !isEmpty else { return nil }
        return byName.values.filter {
            $0.source == source && ($0.provider == nil || $0.provider?.rawValue == destination) && $0.isPaused(at: now)
        }.max { ($0.pausedUntil ?? now, $0.name) < ($1.pausedUntil ?? now, $1.name) }
    }

    private func covering(_ source: String, _ provider: MailProvider?) -> [WarmUp] {
        byName.values.filter { $0.source == source && ($0.provider == nil || $0.provider == provider) }
    }

    /// An attempt ended. `isBad`: by a rule, the receiver wants less of this source. Returns what has to be kept.
    mutating func ended(
        _ source: String, _ provider: MailProvider?, isBad: Bool, reply: SMTPReply?, at now: Timestamp
    ) -> [WarmUpChange] {
        guard !isEmpty else { return [] }
        var changes: [WarmUpChange] = []
        for known in covering(source, provider).sorted(by: { $0.name < $1.name }) {
            uncounted[known.name, default: 0] += 1
            var heard = signals[known.name] ?? WarmUpSignals(at: now)
            heard.add(isBad: isBad, at: now)
            var reason: String?
            if heard.isTooMuch, let reply {
                reason = "\(heard.bad) of \(heard.messages) messages within a day were put off or refused; last: \(reply)"
                heard = WarmUpSignals(at: now)
            }
            signals[known.name] = heard
            var warmUp = known
            guard warmUp.happened(setBack: reason, at: now) else { continue }
            byName[warmUp.name] = warmUp
            changes.append(WarmUpTable.change(from: known, to: warmUp, reason, at: now))
        }
        return changes
    }

    private static func change(from old: WarmUp, to new: WarmUp, _ reason: String?, at now: Timestamp) -> WarmUpChange {
        let isSetBack = new.setBackOn != old.setBackOn
        // The first mail after a set-back says that it goes on.
        let wasSetBack = old.setBackOn != nil && old.setBackOn == old.day
        let condition = isSetBack ? new.alert(reason ?? "", at: now) : wasSetBack ? new.alertOver(at: now) : nil
        return WarmUpChange(warmUp: new, setBack: isSetBack ? reason : nil, at: now, condition: condition)
    }

    // MARK: - What left

    /// What left since the last call, for the store to add up: a few times a minute.
    mutating func takeUncounted(owner: Int64, at now: Timestamp) -> [ShapingOrder] {
        guard !uncounted.isEmpty, countedAt + WarmUpTable.countInterval <= now || countedAt > now else { return [] }
        countedAt = now
        defer { uncounted.removeAll() }
        return uncounted.sorted { $0.key < $1.key }.map { name, used in
            .count(ShapingCall(counter: ShapingCounter(warmUp: name), used: used, wanted: 0, owner: owner))
        }
    }

    private static let countInterval = Duration.seconds(5)

    /// The store could not add it up: it is offered again.
    mutating func notCounted(_ call: ShapingCall) {
        guard let name = call.counter.warmUp, byName[name] != nil else { return }
        uncounted[name, default: 0] += call.used
    }
}

/// What receivers answered within a day.
private struct WarmUpSignals: Sendable {
    private(set) var messages = 0
    private(set) var bad = 0
    private var since: Timestamp

    init(at now: Timestamp) { since = now }

    mutating func add(isBad: Bool, at now: Timestamp) {
        if since + .seconds(86_400) <= now { self = WarmUpSignals(at: now) }
        messages += 1
        bad += isBad ? 1 : 0
    }

    /// One in ten, and five at least: fewer say nothing.
    var isTooMuch: Bool { bad >= 5 && bad * 10 >= messages }
}

extension ShapingCounter {
    private static let warmUpPrefix = "warm-up/"

    /// Messages that left by a warm-up, of each day: a sixtieth of the window.
    package init(warmUp name: String) {
        self.init(name: ShapingCounter.warmUpPrefix + name, window: .seconds(Int64(WarmUpDay.kept) * 86_400), limit: 0)
    }

    /// Of which warm-up it is; nil for another counter.
    var warmUp: String? {
        name.hasPrefix(ShapingCounter.warmUpPrefix) ? String(name.dropFirst(ShapingCounter.warmUpPrefix.count)) : nil
    }
}
