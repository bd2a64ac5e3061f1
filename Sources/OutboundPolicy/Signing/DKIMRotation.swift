package import MailModel

/// From one pair of keys of a domain to the next: a new pair is made and waits until DNS has its records, then it signs; the old pair's
/// records stay in DNS while mail that it signed is still under way, and then it is dropped. Pure: the time and DNS's answers are given.
package struct DKIMRotation: Sendable {
    package struct Policy: Hashable, Sendable {
        /// How long a pair signs before a new one is made; nil: only a person makes one.
        package var every: Duration?
        /// How long an old pair's records are kept in DNS.
        package var keep: Duration
        /// How long DNS has had the new records, seen by us, before they are used: resolvers may remember that there were none.
        package var settle = Duration.seconds(3600)

        package init(every: Duration? = nil, keep: Duration = .seconds(7 * 86_400)) {
            self.every = every
            self.keep = keep
        }
    }

    package enum Act: Hashable, Sendable {
        /// To be answered with a pair in phase `waiting`.
        case makePair
        case change(DKIMKeyRecord)
        /// All changes and removals of one step belong into one commit.
        case remove(DKIMKeyRecord)
        case alert(AlertCondition)
    }

    package let domain: DomainName
    package let policy: Policy

    package init(domain: DomainName, policy: Policy) {
        self.domain = domain
        self.policy = policy
    }

    /// How long a new pair may wait for its records before somebody is reminded.
    private static let patience = Duration.seconds(86_400)

    /// `answers`: what DNS says now, by selector; what is not there was not asked.
    package func step(_ keys: [DKIMKeyRecord], answers: [String: DNSAnswer<String>], at now: Timestamp) -> [Act] {
        var acts: [Act] = []
        var keys = keys.sorted { $0.selector < $1.selector }
        let before = keys
        for place in keys.indices {
            if keys[place].phaseSince == nil { keys[place].phaseSince = now }
            guard let answer = answers[keys[place].selector],
                let sight = DKIMRecordSight.State(answer, expecting: keys[place].publicRecord)
            else { continue }
            if keys[place].sight?.state != sight { keys[place].sight = DKIMRecordSight(state: sight, since: now) }
        }
        switchOver(&keys, at: now)
        let over = keys.filter { $0.phase == .retiring && isOver($0, policy.keep, at: now) }
        keys.removeAll { key in over.contains { $0.selector == key.selector } }
        let known = Dictionary(uniqueKeysWithValues: before.map { ($0.selector, $0) })
        for key in keys where known[key.selector] != key { acts.append(.change(key)) }
        acts += over.map(Act.remove)
        let signing = keys.filter { $0.currentPhase == .signing }
        if let every = policy.every, !signing.isEmpty, !keys.contains(where: { $0.currentPhase == .waiting }),
            signing.allSatisfy({ isOver($0, every, at: now) })
        {
            acts.append(.makePair)
        }
        return acts + alerts(keys, before: known, at: now)
    }

    private func isOver(_ key: DKIMKeyRecord, _ duration: Duration, at now: Timestamp) -> Bool {
        key.phaseSince.map { $0 + duration <= now } ?? false
    }

    /// All of the new keys at once, and only once DNS has had every one of their records for a while.
    private func switchOver(_ keys: inout [DKIMKeyRecord], at now: Timestamp) {
        let waiting = keys.filter { $0.currentPhase == .waiting }
        let isSeen = waiting.allSatisfy { key in
            guard let sight = key.sight, sight.state == .published else { return false }
            return sight.since + policy.settle <= now
        }
        guard !waiting.isEmpty, isSeen else { return }
        for place in keys.indices {
            switch keys[place].currentPhase {
            case .waiting: keys[place].enter(.signing, at: now)
            case .signing: keys[place].enter(.retiring, at: now)
            case .retiring, .resting: break
            }
        }
    }

    private func alerts(_ keys: [DKIMKeyRecord], before: [String: DKIMKeyRecord], at now: Timestamp) -> [Act] {
        keys.compactMap { key in
            let name = key.recordName
            let condition = AlertCondition(.dkimRecord, subject: "dkim:\(name)", at: now, text: "")
            let old = before[key.selector]?.sight?.state
            guard let sight = key.sight, sight.state != .published else {
                guard key.sight?.state == .published, let old, old != .published else { return nil }
                return .alert(condition.over(at: now, text: "DNS has the right record at \(name) again"))
            }
            guard key.currentPhase == .signing || key.currentPhase == .waiting && isOver(key, DKIMRotation.patience, at: now) else {
                return nil
            }
            var told = condition
            let found = sight.state == .missing ? "DNS has no record at \(name)" : "DNS has another record at \(name)"
            told.text =
                key.currentPhase == .signing
                ? "\(found), so that what \(domain) sends fails DKIM" : "\(found): the new key of \(domain) waits for it"
            told.advice = "Publish this TXT record: \(key.publicRecord)"
            return .alert(told)
        }
    }
}

/// What DNS had at a key's place when it was last looked at, and since when.
package struct DKIMRecordSight: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        case published, missing
        /// A record of another key, or one that was withdrawn.
        case different

        /// Nil where DNS did not answer.
        package init?(_ answer: DNSAnswer<String>, expecting record: String) {
            switch answer {
            case .failure: return nil
            case .noRecords: self = .missing
            case .records(let texts, _, _):
                let wanted = State.tags(record)
                let records = texts.map(State.tags).filter { $0["p"] != nil }
                let isThere = records.contains { $0["p"] == wanted["p"] && ($0["k"] ?? "rsa") == (wanted["k"] ?? "rsa") }
                self = isThere ? .published : records.isEmpty ? .missing : .different
            }
        }

        /// Tags with their values, without white space.
        private static func tags(_ record: String) -> [String: String] {
            var tags: [String: String] = [:]
            for part in record.split(separator: ";") {
                let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2 else { continue }
                tags[sides[0].filter { !$0.isWhitespace }] = sides[1].filter { !$0.isWhitespace }
            }
            return tags
        }
    }

    package var state: State
    package var since: Timestamp

    package init(state: State, since: Timestamp) {
        self.state = state
        self.since = since
    }
}

extension DKIMKeyRecord {
    package enum Phase: String, Hashable, Sendable, Codable {
        /// New: signs once DNS has the records.
        case waiting
        case signing
        /// Signs no more; its record stays while mail that it signed is under way.
        case retiring
        /// Switched off, and not by a rotation.
        case resting
    }

    package var currentPhase: Phase { phase ?? (isActive ? .signing : .resting) }
    /// Where the public record stands.
    package var recordName: String { "\(selector)._domainkey.\(domain)" }

    package mutating func enter(_ phase: Phase, at now: Timestamp) {
        self.phase = phase
        phaseSince = now
        isActive = phase == .signing
    }
}
