import DeliveryPlanning
package import MailModel
import OutboundPolicy
import Storage

/// The organisation that a made-up history belongs to: people, connectors, routes, policies, and what went wrong lately. Made through the
/// operations that people have, so that the audit tells of it.
package struct SeedDirectory: Sendable {
    let administration: Administration
    private let actor: String
    let now: Timestamp

    /// `actor`: who runs the command.
    package init(_ administration: Administration, actor: String, now: Timestamp) {
        self.administration = administration
        self.actor = actor
        self.now = now
    }

    private static let reason = "made up by postern seed"

    func act(_ ago: Duration, _ reason: String = SeedDirectory.reason) -> Act {
        Act(actor: actor, reason: reason == SeedDirectory.reason ? reason : "\(reason) (\(SeedDirectory.reason))", at: now - ago)
    }

    /// As a restriction of that time would have it.
    static func reference(of name: String, at now: Timestamp) -> String {
        let time = now - HistoryWriter.restrictedSince - .seconds(name.utf8.count)
        return "R\(MessageID((time.milliseconds - MessageID.epoch.milliseconds) << 22))"
    }

    private static let fortnight = Duration.seconds(14 * 86_400)

    /// Everything but the mail. Throws a conflict where some of it is there already.
    package func fill() async throws {
        try await fillOrganisation()
        try await fillPolicies()
        try await fillTroubles()
        try await fillAlerts()
        try await fillDelivery()
        try await fillReputation()
        try await fillDomains()
    }

    /// An administrator with a password; the one that was made, where none was given.
    package func administrator(_ address: EmailAddress?, password: String?) async throws -> (address: EmailAddress, password: String?) {
        let address = address ?? SeedCast.address("admin")
        if try await administration.directory().accounts[address.key] != nil {
            let outcome = try await administration.perform(SetPassword(address: address, password: password), act(.zero))
            return (address, outcome.generatedPassword)
        }
        let add = AddAccount(address: address, password: password, roles: ["administrator"])
        return (address, try await administration.perform(add, act(.zero)).generatedPassword)
    }

    // MARK: Organisation

    private func fillOrganisation() async throws {
        let act = act(SeedDirectory.fortnight)
        for (name, host) in [(SeedCast.organisation, "mail.northwind.test"), (SeedCast.branch, "mail.werk.northwind.test")] {
            var domain = AcceptedDomain(name: name)
            domain.nextHop = NextHop(host: host, port: 25)
            _ = try await administration.perform(AddDomain(domain: domain), act)
        }
        for name in SeedCast.people + [SeedCast.newsletter] {
            // Without a password: nobody signs in as them.
            var account = Account(address: SeedCast.address(name), passwordHash: nil)
            if name == SeedCast.newsletter { account.trafficClass = .campaign }
            try await administration.save(account, entry: act.entry("account.add", target: account.address.key))
        }
        for (index, name) in SeedCast.connectors.enumerated() {
            var connector = Connector(name: name)
            connector.networks = [IPNetwork("10.20.\(index).0/24")].compactMap { $0 }
            connector.allowsPlaintext = name == "scanner"
            connector.grants = [.address(SeedCast.address("no-reply.\(name)"))]
            _ = try await administration.perform(AddConnector(connector: connector), act)
        }
        let groups = [
            ("alle", SeedCast.people), ("leitung", Array(SeedCast.people.prefix(4))), ("werk", Array(SeedCast.people.dropFirst(10))),
        ]
        for (name, members) in groups {
            let add = AddGroup(group: SeedCast.address(name), members: members.map { SeedCast.address($0) }, senders: [])
            _ = try await administration.perform(add, act)
        }
        var everybody = SetGroup(group: SeedCast.address("alle"))
        everybody.addOwners = SeedCast.people.prefix(2).map { SeedCast.address($0) }
        (everybody.posting, everybody.moderation) = (.organisation, .others)
        var list = DiscussionChange()
        (list.isOn, list.title) = (true, "Alle")
        everybody.list = list
        _ = try await administration.perform(everybody, act)
        let hop = NextHop(host: "smtp.partner-cloud.test", port: 587, tls: .verify)
        let partner = Route(
            name: SeedCast.stoppedRoute, kind: .smarthost(hop), createdAt: now - SeedDirectory.fortnight,
            recipientDomains: [SeedCast.domain(SeedCast.partner)])
        _ = try await administration.perform(AddRoute(route: partner, password: nil), act)
    }

    private func fillPolicies() async throws {
        _ = try await administration.perform(ApplyPreset(preset: .standard, licences: 200), act(SeedDirectory.fortnight))
        let kim = SeedCast.address(SeedCast.people[3]).key
        let asks: [(sender: String, limit: String?, value: Int?, ago: Int)] = [
            (kim, "external-per-hour", 900, 9 * 86_400), (SeedCast.address("vertrieb").key, "recipients-per-day", 3000, 5 * 86_400),
            (SeedCast.address("einkauf").key, "external-per-hour", 700, 5 * 3600), (SeedCast.address("support").key, nil, nil, 2 * 3600),
        ]
        for (place, ask) in asks.enumerated() {
            let wish = AskForLimit(sender: ask.sender, limit: ask.limit, value: ask.value, bulk: ask.limit == nil ? true : nil)
            let view = try await administration.perform(wish, act(.seconds(ask.ago), "The season needs it"))
            if place == 0 {
                let approve = ApproveLimitRequest(id: view.id, until: now + .seconds(30 * 86_400))
                _ = try await administration.perform(approve, act(.seconds(ask.ago - 7200), "Agreed with sales"))
            } else if place == 1 {
                _ = try await administration.perform(RefuseLimitRequest(id: view.id), act(.seconds(ask.ago - 3600), "Use the newsletter"))
            }
        }
        let saved = [("Bounces of today", "", "bounced", 24), ("Invoices", "Rechnung", nil, 168)] as [(String, String, String?, Int)]
        for (name, text, status, hours) in saved {
            let add = AddSavedSearch(search: name, text: text, status: status, hours: hours, shared: true)
            _ = try await administration.perform(add, act(SeedDirectory.fortnight))
        }
    }

    // MARK: What went wrong

    private func fillTroubles() async throws {
        for (index, name) in SeedCast.restricted.enumerated() {
            let restriction = restriction(of: name, since: now - HistoryWriter.restrictedSince - .seconds(300 * index))
            let entry = act(HistoryWriter.restrictedSince).entry("restriction.add", target: restriction.entity.description)
            try await administration.put(.restriction, name: restriction.entity.description, restriction, entry: entry)
        }
        let throttle = SubmissionThrottle(
            principal: "connector:monitoring", cause: .sendAs, since: now - .seconds(1500), until: now + .seconds(2100), count: 120,
            window: .seconds(3600), example: "ceo@northwind.test")
        try await administration.put(
            .throttle, name: throttle.principal, throttle, entry: act(.seconds(1500)).entry("throttle.begin", target: throttle.principal))
        let finding = Finding(
            rule: "upstream.sender-restricted", matched: SeedCast.stop.description,
            explanation: "The provider no longer lets this account send.")
        let stop = UpstreamStop(
            route: SeedCast.stoppedRoute, cause: .restricted, since: now - HistoryWriter.stoppedSince, reply: SeedCast.stop,
            finding: finding, advice: "Secure the account, then release it in the provider's portal.", probeAt: now + .seconds(3600),
            nextWaitSeconds: 7200)
        try await administration.put(
            .upstreamStop, name: stop.route, stop, entry: act(HistoryWriter.stoppedSince).entry("upstream.stop", target: stop.route))
    }

    private func restriction(of name: String, since: Timestamp) -> Restriction {
        let address = SeedCast.address(name)
        let limit = Limit(.externalPerHour, 500, .restrict, source: "policy:default")
        let cause = Finding(
            rule: "limit.external-per-hour", matched: "500 of 500",
            explanation: "More external recipients in an hour than the policy allows.")
        var evidence = RestrictionEvidence()
        evidence.readings = [LimitReading(limit: limit, used: 498, wanted: 6, freeAt: nil)]
        evidence.subjects = (0..<6).map { "Ihr Paket \(4000 + $0) wartet: bitte bestätigen" }
        evidence.recipients = (0..<10).map { "\(SeedCast.firstNames[$0]).\(SeedCast.lastNames[$0])\($0 * 7)@gmail.test" }
        evidence.addresses = ["198.51.100.23", "203.0.113.77"]
        evidence.clientNames = ["[198.51.100.23]", "WIN-8QK2"]
        evidence.messages = 83
        evidence.firstTimeRecipients = 471
        evidence.nearDuplicates = 466
        evidence.judged = 83
        evidence.judgedSpam = 79
        return Restriction(
            entity: RestrictedEntity(senderNamed: address.key), tenant: .standard, since: since, until: nil, isExternalOnly: false,
            reference: SeedDirectory.reference(of: name, at: now), cause: cause, evidence: evidence)
    }

    private func fillAlerts() async throws {
        let (kim, uwe) = (SeedCast.address(SeedCast.restricted[0]).key, SeedCast.address(SeedCast.restricted[1]).key)
        func condition(
            _ kind: AlertKind, _ subject: String, _ ago: Int, _ text: String, _ advice: String, stage: Int = 0
        ) -> AlertCondition {
            AlertCondition(kind, subject: subject, at: now - .seconds(ago), text: text, advice: advice, stage: stage)
        }
        let conditions = [
            condition(
                .upstreamStopped, "route:\(SeedCast.stoppedRoute)", 5 * 3600,
                "Route \(SeedCast.stoppedRoute) stands: the provider no longer lets this account send",
                "Release the account at the provider."),
            condition(
                .senderRestricted, RestrictedEntity(senderNamed: kim).description, 3 * 3600,
                "\(kim) may not send any more: 500 of 500 external recipients in an hour",
                "Change the password, end the sessions, then release."),
            condition(
                .senderRestricted, RestrictedEntity(senderNamed: uwe).description, 3 * 3600,
                "\(uwe) may not send any more: 500 of 500 external recipients in an hour",
                "Change the password, end the sessions, then release."),
            condition(
                .continuousErrors, "connector:monitoring", 1500, "connector:monitoring sends as ceo@northwind.test again and again",
                "Grant the address, or correct the program."),
            condition(
                .limitNear, SeedCast.address("vertrieb").key, 2400, "vertrieb@northwind.test has used 90 % of 1,000 recipients in a day",
                "",
                stage: 90),
            condition(
                .queueStuck, SeedCast.overloaded, 6 * 86_400, "Mail for \(SeedCast.overloaded) has waited for 12 hours", "Look at the host."
            ),
            condition(
                .requestMade, SeedCast.address("einkauf").key, 5 * 3600, "einkauf@northwind.test asks for 700 external recipients an hour",
                "Approve or refuse it."),
        ]
        for (number, condition) in conditions.enumerated() {
            // Nobody is told of what did not happen.
            let rules = AlertRules(Directory(), usual: [])
            let report = AlertWork.report([AlertReport(condition)], ids: ["seed\(100 + number)"], rules, at: condition.at)
            _ = try await administration.store.perform(.alert(report))
        }
        _ = try await administration.perform(AcknowledgeAlert(id: "seed100"), act(.seconds(4 * 3600), "Ticket with the provider"))
        _ = try await administration.perform(ResolveAlert(id: "seed105"), act(.seconds(5 * 86_400), "Their host is back"))
    }
}
