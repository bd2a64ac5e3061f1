package import MailModel

/// What is remembered of a domain from one look to the next.
package struct DomainMemory: Codable, Hashable, Sendable {
    /// The latest look.
    package var report: DomainReport
    /// What is held against the next look, where DNS was silent on a part of the latest: that part from the look before. Nil: the latest.
    package var base: DomainReport?
    /// `DomainWatch.key` of what people were told of and that still stands.
    package var told: [String]

    package init(report: DomainReport, base: DomainReport? = nil, told: [String] = []) {
        self.report = report
        self.base = base
        self.told = told
    }
}

/// Holds one look at a domain against the look before: what changed, and whether people have to hear of it.
package enum DomainWatch {
    package struct Step: Hashable, Sendable {
        package var memory: DomainMemory
        /// In words; empty where nothing that matters changed. At the first look, empty.
        package var changes: [String]
        /// What got worse: people are told.
        package var worse: [HealthFinding]
        /// True where all that people were told of is mended.
        package var isOver: Bool
    }

    /// Records of our own keys have an alert of their own, within the hour.
    private static let toldElsewhere: Set<String> = ["dkim.missing", "dkim.different"]

    /// `memory`: nil before the first look.
    package static func step(_ memory: DomainMemory?, _ report: DomainReport) -> Step {
        let before = memory.map { $0.base ?? $0.report }
        let silent = silentParts(report)
        let base = merged(report, silent, before)
        let standing = Set(weighty(base).map(key))
        let known = Set(before.map { weighty($0).map(key) } ?? [])
        // At the first look only what receivers refuse mail for: a domain may have been as it is for years.
        let worse = weighty(base).filter { finding in
            !toldElsewhere.contains(finding.rule) && !known.contains(key(finding)) && (before != nil || finding.severity == .error)
        }
        let told = Set(memory?.told ?? [])
        let left = told.intersection(standing).union(worse.map(key))
        return Step(
            memory: DomainMemory(report: report, base: base == report ? nil : base, told: left.sorted()),
            changes: before.map { DomainCheck.changes(from: $0, to: base) } ?? [], worse: worse, isOver: !told.isEmpty && left.isEmpty)
    }

    /// Equal where two looks found the same.
    package static func digest(_ report: DomainReport) -> String {
        var hash = StableHash()
        let findings = report.findings.filter { !$0.rule.hasSuffix(".unanswered") }.map { "\(key($0)) \($0.severity.rawValue)" }
        for line in findings.sorted() + [report.state.rawValue, report.spf.record, report.dmarc.record] { hash.add(line) }
        for host in report.mx.map({ "\($0.preference) \($0.host)" }).sorted() { hash.add(host) }
        let text = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    /// What a finding is told by: the same where the same thing is wrong with the same thing.
    package static func key(_ finding: HealthFinding) -> String { "\(finding.rule) \(finding.subject)" }

    private static func weighty(_ report: DomainReport) -> [HealthFinding] {
        report.findings.filter { $0.severity != .advice && !$0.rule.hasSuffix(".unanswered") }
    }

    /// The beginnings of rules that DNS's silence says nothing of.
    private static func silentParts(_ report: DomainReport) -> Set<Substring> {
        var parts = Set(report.findings.filter { $0.rule.hasSuffix(".unanswered") }.map { part($0.rule) })
        // What passes DMARC follows from these.
        if !parts.isDisjoint(with: ["spf", "dkim", "dmarc"]) { parts.insert("alignment") }
        return parts
    }

    private static func part(_ rule: String) -> Substring { rule.prefix { $0 != "." } }

    /// The report, with the parts that DNS was silent on as they were before.
    private static func merged(_ report: DomainReport, _ silent: Set<Substring>, _ before: DomainReport?) -> DomainReport {
        guard !silent.isEmpty else { return report }
        var base = report
        // What silence makes look broken says nothing either.
        base.findings.removeAll { silent.contains(part($0.rule)) && !$0.rule.hasSuffix(".unanswered") }
        guard let before else { return base }
        base.findings += before.findings.filter { silent.contains(part($0.rule)) && !$0.rule.hasSuffix(".unanswered") }
        if silent.contains("spf") { base.spf = before.spf }
        if silent.contains("dmarc") { base.dmarc = before.dmarc }
        if silent.contains("mx") { base.mx = before.mx }
        return base
    }
}

/// Which domains are looked at now: each once in a day, few at a time, the ones longest waited for first.
package enum DomainRound {
    /// Between two looks at one domain.
    package static let interval = Duration.seconds(86_400)

    /// `lastLooks`: of domains that were looked at before. `roundsPerDay`: how often this is asked in a day, 1 or more.
    package static func due(
        _ domains: [DomainName], lastLooks: [DomainName: Timestamp], roundsPerDay: Int, at now: Timestamp
    ) -> [DomainName] {
        let count = max(countMin, (domains.count + roundsPerDay - 1) / max(roundsPerDay, 1))
        let waiting = domains.filter { domain in lastLooks[domain].map { now - $0 >= interval } ?? true }
        func last(_ domain: DomainName) -> Timestamp { lastLooks[domain] ?? Timestamp(milliseconds: 0) }
        return Array(waiting.sorted { (last($0), $0) < (last($1), $1) }.prefix(count))
    }

    /// In a round, where there are as many.
    private static let countMin = 5
}
