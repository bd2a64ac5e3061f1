package import MailModel
package import OutboundPolicy

/// What follows from a look at the lists: what changed, who is told, and which source's mail takes another way.
package struct ReputationReview: Sendable {
    /// An address that mail leaves from, or a domain of ours.
    package struct Subject: Hashable, Sendable {
        /// As in `ReputationCheck.Key`.
        package var name: String
        /// Sources that leave from the address; empty for a domain.
        package var sources: [String]

        package init(name: String, sources: [String]) {
            self.name = name
            self.sources = sources
        }
    }

    package struct Outcome: Sendable {
        package var put: [ReputationCheck] = []
        package var drop: [ReputationCheck.Key] = []
        package var events: [ReputationEvent] = []
        package var conditions: [AlertCondition] = []
        package var holds: [DeliveryHold] = []
    }

    private let before: [ReputationCheck.Key: ReputationCheck]
    private let subjects: [Subject]
    private let lists: [String: Blocklist]
    private let now: Timestamp

    /// - Parameters:
    ///   - before: All that is kept.
    ///   - subjects: All that are ours now.
    ///   - lists: All that are known, those that are off among them.
    package init(before: [ReputationCheck], subjects: [Subject], lists: [Blocklist], at now: Timestamp) {
        self.before = Dictionary(before.map { ($0.key, $0) }) { first, _ in first }
        self.subjects = subjects
        self.lists = Dictionary(lists.map { ($0.name, $0) }) { first, _ in first }
        self.now = now
    }

    /// - Parameters:
    ///   - sights: Of this look. What is kept and was not looked at stands, unless it is no longer ours.
    ///   - holds: Those of the directory.
    ///   - moving: How long a source steps aside unless a later look says so again.
    package func outcome(_ sights: [ReputationSight], holds: [DeliveryHold], moving: Duration) -> Outcome {
        var outcome = Outcome()
        var after = before
        let names = Set(subjects.map(\.name))
        for key in before.keys.sorted() where !names.contains(key.subject) || !isWatched(key) {
            after[key] = nil
            outcome.drop.append(key)
        }
        for sight in sights {
            let check = checked(sight)
            after[sight.key] = check
            outcome.put.append(check)
            let wasBad = before[sight.key]?.isBad ?? false
            guard check.isBad != wasBad else { continue }
            outcome.events.append(ReputationEvent(key: sight.key, at: now, isBad: check.isBad, text: check.text))
        }
        for key in outcome.drop where before[key]?.isBad == true {
            outcome.events.append(ReputationEvent(key: key, at: now, isBad: false, text: "no longer watched"))
        }
        outcome.conditions = conditions(after)
        outcome.holds = self.holds(after, standing: holds, moving: moving)
        return outcome
    }

    private func isWatched(_ key: ReputationCheck.Key) -> Bool {
        key.list == ReputationCheck.Key.identity || key.destination != nil || lists[key.list]?.isOn == true
    }

    private func checked(_ sight: ReputationSight) -> ReputationCheck {
        let old = before[sight.key]
        func known(_ isBad: Bool, _ text: String) -> ReputationCheck {
            let stays = old.map { $0.isKnown && $0.isBad == isBad } ?? false
            return ReputationCheck(key: sight.key, isBad: isBad, since: stays ? old?.since ?? now : now, at: now, text: text)
        }
        switch sight.answer {
        case .clear(let text): return known(false, text)
        case .bad(let text): return known(true, text)
        case .unknown(let why):
            var check =
                old ?? ReputationCheck(key: sight.key, isBad: false, since: now, at: now, text: "", isKnown: false)
            (check.at, check.unknown) = (now, why)
            return check
        }
    }

    // MARK: - Who is told

    private func conditions(_ after: [ReputationCheck.Key: ReputationCheck]) -> [AlertCondition] {
        let listed = after.values.filter { $0.isBad && $0.key.list != ReputationCheck.Key.identity }
        let wrong = after.values.filter { $0.isBad && $0.key.list == ReputationCheck.Key.identity }
        return conditions(.listed, listed, was: { $0.list != ReputationCheck.Key.identity }, end: "is on no list any more")
            + conditions(.sourceIdentity, wrong, was: { $0.list == ReputationCheck.Key.identity }, end: "has its names in DNS")
    }

    private func conditions(
        _ kind: AlertKind, _ bad: [ReputationCheck], was isMeant: (ReputationCheck.Key) -> Bool, end: String
    ) -> [AlertCondition] {
        let bySubject = Dictionary(grouping: bad, by: \.key.subject)
        let going = bySubject.sorted { $0.key < $1.key }.map { subject, checks in
            condition(kind, subject, checks.sorted { $0.key < $1.key })
        }
        let ended = Set(before.values.filter { $0.isBad && isMeant($0.key) }.map(\.key.subject)).filter { bySubject[$0] == nil }
        return going
            + ended.sorted().map { subject in
                AlertCondition(kind, subject: subject, at: now, text: "\(subject) \(end).", isOver: true)
            }
    }

    private func condition(_ kind: AlertKind, _ subject: String, _ checks: [ReputationCheck]) -> AlertCondition {
        let words = checks.map { "\(Self.place($0.key)): \($0.text)" }.joined(separator: "; ")
        let sources = subjects.first { $0.name == subject }?.sources ?? []
        let whose = sources.isEmpty ? "" : " (source \(sources.joined(separator: ", ")))"
        let says = kind == .listed ? "is listed" : "is not named as receivers want it"
        return AlertCondition(
            kind, subject: subject, at: now, text: "\(subject)\(whose) \(says). \(words)",
            advice: kind == .listed
                ? checklist(checks) : "Publish what `postern reputation check` shows. Who gave you the address sets its PTR record.",
            findings: checks.map { Finding(rule: "reputation.\($0.key.list)", matched: subject, explanation: $0.text) })
    }

    /// What to do, in order.
    private func checklist(_ checks: [ReputationCheck]) -> String {
        var steps = ["Find and stop the mail that led to it: `postern suppressions rates`, `postern returned`, `postern restricted list`."]
        for check in checks {
            if let list = lists[check.key.list] {
                steps += list.steps
            } else if let destination = check.key.destination {
                steps.append("\(destination) refuses by a reply: `postern explain` says what it means, and where to ask.")
            }
        }
        steps.append("Look again with `postern reputation check`. Mail comes back to the address gradually once it is off the list.")
        return steps.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: " ")
    }

    package static func place(_ key: ReputationCheck.Key) -> String {
        if let destination = key.destination { return "replies of \(destination)" }
        return key.list == ReputationCheck.Key.identity ? "names" : key.list
    }

    // MARK: - Which way mail takes

    /// The name of the rule that stands in such a hold.
    package static let holdRule = "reputation.listed"

    /// A source steps aside while an address of it is on a list that counts, for its routes' other sources; where there are none, nothing
    /// changes. A provider's own reply has its own hold, by the rule that read it.
    private func holds(
        _ after: [ReputationCheck.Key: ReputationCheck], standing: [DeliveryHold], moving: Duration
    ) -> [DeliveryHold] {
        var listed: [String: ReputationCheck] = [:]
        for check in after.values.sorted(by: { $0.key < $1.key }) where check.isBad && lists[check.key.list]?.moves == true {
            for source in subjects.first(where: { $0.name == check.key.subject })?.sources ?? [] where listed[source] == nil {
                listed[source] = check
            }
        }
        let own = standing.filter { $0.rule == ReputationReview.holdRule && $0.until > now }
        let ended = own.compactMap { hold -> DeliveryHold? in
            guard case .source(let source) = hold.subject, listed[source] == nil else { return nil }
            var hold = hold
            hold.until = now
            return hold
        }
        return ended
            + listed.sorted { $0.key < $1.key }.map { source, check in
                DeliveryHold(
                    subject: .source(source), since: own.first { $0.subject == .source(source) }?.since ?? now, until: now + moving,
                    rule: ReputationReview.holdRule,
                    reply: SMTPReply(451, EnhancedStatusCode(4, 7, 1), "\(check.key.subject) is on the list \(check.key.list)"),
                    allowsOtherSources: true)
            }
    }
}

extension ReputationSight {
    /// What providers' replies say, by the holds that rules made of them. `subject`: the address or name by which a source is known.
    package static func replies(
        _ holds: some Sequence<DeliveryHold>, before: [ReputationCheck], at now: Timestamp, subject: (String, SMTPReply) -> String?
    ) -> [ReputationSight] {
        var found: [ReputationCheck.Key: String] = [:]
        for hold in holds.sorted(by: { $0.key < $1.key }) where hold.until > now {
            guard case .destination(let destination, let source) = hold.subject, let subject = subject(source, hold.reply),
                let meaning = ReplyMeaning.of(hold.reply), [.blockList, .reputation].contains(meaning.replyClass)
            else { continue }
            found[ReputationCheck.Key(subject: subject, list: ReputationCheck.Key.replies(destination))] = hold.reply.description
        }
        let over = before.filter { $0.isBad && $0.key.destination != nil && found[$0.key] == nil }
        return found.sorted { $0.key < $1.key }.map { ReputationSight(key: $0.key, answer: .bad($0.value)) }
            + over.map { ReputationSight(key: $0.key, answer: .clear("nothing more was refused")) }
    }
}
