import DeliveryPlanning
import DomainHealth
import MailAuthentication
import MailModel

/// What of an installation a domain is looked at for.
struct DomainSurveyPlan: Sendable {
    struct Source: Hashable, Sendable {
        var name: String
        var address: IPAddress
        var helloName: DomainName
    }

    var domain: DomainName
    /// Of keys whose place in DNS is looked at; their `answer` is filled in.
    var keys: [KeyFacts] = []
    var sources: [Source] = []
    var routes: [RouteFacts] = []
    var returnPathDomain: DomainName?
    var reportAddress: EmailAddress?
    /// False where nothing is known of an installation.
    var hasInstallation = false
}

/// Asks DNS, and a policy's host, all that is to be known of a domain. Every walk has a bound, and so has the time.
struct DomainSurveyor: Sendable {
    let resolver: any DNSResolver
    /// Nil: policies of MTA-STS are not fetched.
    let fetcher: MTASTSFetcher?
    /// True where the resolver proves answers by DNSSEC itself.
    let validates: Bool

    /// No question is begun later.
    private static let time = Duration.seconds(60)
    /// Mail hosts, and receivers of reports, that are looked at.
    private static let hostsMax = 20
    private static let namesMax = 8

    func facts(_ plan: DomainSurveyPlan) async -> DomainFacts {
        let session = Session(resolver: resolver, end: .now + DomainSurveyor.time)
        let domain = plan.domain
        async let authority = session.asked { await $0.records(.authority, of: domain) }
        async let zoneKeys = session.asked { await $0.records(.zoneKey, of: domain) }
        async let signers = session.asked { await $0.records(.delegationSigner, of: domain) }
        async let addresses = session.asked { await $0.addresses(domain) }
        async let mx = session.asked { await $0.mx(domain) }
        async let spf = session.survey(domain)
        async let dmarc = session.walk(domain)
        async let sts = session.txt("_mta-sts.\(domain)")
        async let tls = session.txt("_smtp._tls.\(domain)")
        async let bimi = session.txt("default._bimi.\(domain)")
        var facts = await DomainFacts(
            domain: domain, authority: authority, zoneKeys: zoneKeys, delegationSigners: signers, addresses: addresses, mx: mx, spf: spf,
            dmarc: dmarc, mtaSTS: sts, tlsReports: tls, bimi: bimi)
        facts.validates = validates
        facts.hosts = await hosts(facts.mx, session)
        facts.keys = await keys(plan.keys, session)
        await addOrganizations(to: &facts, plan, session)
        if let fetcher, case .announced = MTASTSRecord(facts.mtaSTS) { facts.policy = await fetcher.fetch(domain) }
        if plan.hasInstallation { facts.own = await own(plan, session) }
        return facts
    }

    /// Addresses that mail leaves from, by their names alone. `end`: no question is begun later.
    func addresses(_ sources: [DomainSurveyPlan.Source], until end: ContinuousClock.Instant) async -> [AddressFacts] {
        let session = Session(resolver: resolver, end: end)
        let found = await session.each(sources) { source in await self.source(source, [], session) }
        return sources.compactMap { found[$0] }
    }

    private func hosts(_ mx: DNSAnswer<MXRecord>, _ session: Session) async -> [DomainName: HostFacts] {
        guard case .records(let records, _, _) = mx else { return [:] }
        let names = Set(records.compactMap(\.exchange).prefix(DomainSurveyor.hostsMax))
        return await session.each(Array(names)) { host in
            async let addresses = session.asked { await $0.addresses(host) }
            guard let place = DomainName("_25._tcp.\(host)") else {
                return await HostFacts(addresses: addresses, tlsa: .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0))
            }
            async let tlsa = session.asked { await $0.tlsa(place) }
            return await HostFacts(addresses: addresses, tlsa: tlsa)
        }
    }

    private func keys(_ keys: [KeyFacts], _ session: Session) async -> [KeyFacts] {
        let answers = await session.each(Array(Set(keys.map(\.name)))) { await session.txt($0) }
        return keys.map { key in
            var key = key
            key.answer = answers[key.name] ?? key.answer
            return key
        }
    }

    /// Of all domains that are held against the author's, and whether those that are to get reports say that they take them.
    private func addOrganizations(to facts: inout DomainFacts, _ plan: DomainSurveyPlan, _ session: Session) async {
        let record = facts.dmarc.governing
        let receivers = ((record?.record.reports ?? []) + (record?.record.failureReports ?? [])).compactMap(DMARCRecord.mailbox)
            .prefix(DomainSurveyor.hostsMax)
        let domains = Set(receivers.compactMap(\.domain) + plan.keys.map(\.domain) + (plan.returnPathDomain.map { [$0] } ?? []))
        facts.organizations = await session.each(Array(domains)) { await session.walk($0).organization }
        guard let about = record?.domain else { return }
        let organization = facts.dmarc.organization
        let names = receivers.compactMap { address in
            address.domain.flatMap {
                DMARC.permission(
                    ofReportsAbout: about, organization: organization, to: address, organization: facts.organizations[$0] ?? $0)
            }
        }
        facts.reportPermissions = await session.each(Array(Set(names))) { name in await session.asked { await $0.txt(name) } }
    }

    private func own(_ plan: DomainSurveyPlan, _ session: Session) async -> OwnFacts {
        let paths = [plan.domain] + (plan.returnPathDomain.map { $0 == plan.domain ? [] : [$0] } ?? [])
        let found = await session.each(plan.sources) { source in await self.source(source, paths, session) }
        return OwnFacts(
            sources: plan.sources.compactMap { found[$0] }, routes: plan.routes, returnPathDomain: plan.returnPathDomain,
            reportAddress: plan.reportAddress)
    }

    /// An address as receivers see it.
    private func source(_ source: DomainSurveyPlan.Source, _ paths: [DomainName], _ session: Session) async -> AddressFacts {
        let names = await session.asked { await $0.names(of: source.address) }
        var facts = AddressFacts(source: source.name, address: source.address, helloName: source.helloName, names: names)
        var forward = [source.helloName]
        if case .records(let found, _, _) = names { forward += found.prefix(DomainSurveyor.namesMax) }
        facts.forward = await session.each(Array(Set(forward))) { name in await session.asked { await $0.addresses(name) } }
        for path in paths {
            let subject = SPF.Subject(
                client: source.address, domain: path, localPart: "postmaster", helloName: source.helloName.text)
            facts.results[path] = await session.check(subject)
        }
        return facts
    }

    /// One look: what it asks has an end in time.
    struct Session: Sendable {
        let resolver: any DNSResolver
        let end: ContinuousClock.Instant

        func asked<Record>(_ ask: (any DNSResolver) async -> DNSAnswer<Record>) async -> DNSAnswer<Record> {
            guard ContinuousClock.now < end, !Task.isCancelled else { return .failure(reason: "no time is left", isBogus: false) }
            return await ask(resolver)
        }

        /// A name that no record fits before has none.
        func txt(_ text: String) async -> DNSAnswer<String> {
            guard let name = DomainName(text) else { return .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0) }
            return await asked { await $0.txt(name) }
        }

        /// Side by side.
        func each<Key: Hashable & Sendable, Value: Sendable>(
            _ keys: [Key], _ body: @escaping @Sendable (Key) async -> Value
        ) async -> [Key: Value] {
            await withTaskGroup(of: (Key, Value).self) { group in
                for key in keys { group.addTask { (key, await body(key)) } }
                var values: [Key: Value] = [:]
                for await (key, value) in group { values[key] = value }
                return values
            }
        }

        private func answer(_ question: SPF.Question, into answers: inout SPF.Answers) async {
            switch question {
            case .txt(let name): answers.txt[name] = await asked { await $0.txt(name) }
            case .addresses(let name): answers.addresses[name] = await asked { await $0.addresses(name) }
            case .mx(let name): answers.mx[name] = await asked { await $0.mx(name) }
            case .pointers(let address): answers.pointers = await asked { await $0.names(of: address) }
            }
        }

        func survey(_ domain: DomainName) async -> SPFSurvey {
            var answers = SPF.Answers()
            for _ in 0...SPFSurvey.questionsMax {
                switch SPFSurvey.step(domain, answers) {
                case .ask(let question): await answer(question, into: &answers)
                case .done(let survey): return survey
                }
            }
            // Its tree has no end that we would go to.
            answers = SPF.Answers()
            answers.txt[domain] = .failure(reason: "too many questions", isBogus: false)
            guard case .done(let survey) = SPFSurvey.step(domain, answers) else { preconditionFailure("silence ends a survey") }
            return survey
        }

        func check(_ subject: SPF.Subject) async -> SPF.Result {
            var answers = SPF.Answers()
            for _ in 0...SPF.questionsMax {
                switch SPF.step(subject, answers) {
                case .ask(let question): await answer(question, into: &answers)
                case .done(let result): return result
                }
            }
            return .permanentError
        }

        func walk(_ domain: DomainName) async -> DMARCWalk {
            var answers: [DomainName: DNSAnswer<String>] = [:]
            while true {
                switch DMARCWalk.step(domain, answers) {
                case .ask(let place): answers[place] = await txt("_dmarc.\(place)")
                case .done(let walk): return walk
                }
            }
        }
    }
}
