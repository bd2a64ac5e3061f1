import DNSClient
import DeliveryPlanning
import DomainHealth
import MailModel

/// Asks the lists, and DNS for the names of our addresses. Each list is asked one question at a time.
struct ReputationSurveyor: Sendable {
    let resolver: UnboundResolver
    /// Between two questions to one list.
    let pause: Duration
    /// No question is begun later.
    let end: ContinuousClock.Instant

    func sights(_ plan: ReputationPlan) async -> [ReputationSight] {
        await withTaskGroup(of: [ReputationSight].self) { group in
            for list in plan.listsOn { group.addTask { await sights(list, plan) } }
            group.addTask { await identities(plan) }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Where the list does not answer us as it should, it is asked nothing further.
    private func sights(_ list: Blocklist, _ plan: ReputationPlan) async -> [ReputationSight] {
        let questions: [(subject: String, name: DomainName)] =
            plan.addresses.compactMap { address, _ in list.question(address).map { (address.description, $0) } }
            + plan.domains.compactMap { domain in list.question(domain).map { (domain.text, $0) } }
        guard !questions.isEmpty, let present = list.presentQuestion, let absent = list.absentQuestion else { return [] }
        func sight(_ subject: String, _ answer: ListingAnswer) -> ReputationSight {
            ReputationSight(key: ReputationCheck.Key(subject: subject, list: list.name), answer: answer)
        }
        let first = await asked(present)
        var second = DNSAnswer<IPAddress>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 0)
        if case .bad = list.reading(first) { second = await asked(absent) }
        if let doubt = list.doubt(present: first, absent: second) {
            return questions.map { sight($0.subject, .unknown(doubt)) }
        }
        var sights: [ReputationSight] = []
        for question in questions {
            var answer = list.reading(await asked(question.name))
            if case .bad(let words) = answer, case .records(let reasons, _, _) = await resolver.txt(question.name),
                let reason = reasons.first
            {
                answer = .bad("\(words): \(reason.prefix(ReputationSurveyor.reasonMax))")
            }
            sights.append(sight(question.subject, answer))
        }
        return sights
    }

    private static let reasonMax = 300

    private func asked(_ name: DomainName) async -> DNSAnswer<IPAddress> {
        guard ContinuousClock.now < end, !Task.isCancelled else { return .failure(reason: "no time was left", isBogus: false) }
        let answer = await resolver.ipv4Addresses(name)
        if pause > .zero { try? await Task.sleep(for: pause) }
        return answer
    }

    private func identities(_ plan: ReputationPlan) async -> [ReputationSight] {
        let surveyor = DomainSurveyor(resolver: resolver, fetcher: nil, validates: false)
        let facts = await surveyor.addresses(plan.addresses.flatMap { $0.sources }, until: end)
        return Dictionary(grouping: facts, by: \.address).map { address, facts in
            let findings = AddressFindings(sources: facts).findings.filter { $0.severity != .advice }
            let key = ReputationCheck.Key(subject: address.description, list: ReputationCheck.Key.identity)
            guard !findings.isEmpty else {
                let names = AddressFindings(sources: facts).part.first?.names ?? []
                return ReputationSight(key: key, answer: .clear(names.joined(separator: ", ")))
            }
            if let silent = findings.first(where: { $0.rule.hasSuffix(".unanswered") }) {
                return ReputationSight(key: key, answer: .unknown(silent.text))
            }
            let texts = findings.map { finding in
                let records = finding.records.map(\.line).joined(separator: " | ")
                return records.isEmpty ? finding.text : "\(finding.text) Publish: \(records)"
            }
            return ReputationSight(key: key, answer: .bad(texts.joined(separator: " ")))
        }
    }
}
