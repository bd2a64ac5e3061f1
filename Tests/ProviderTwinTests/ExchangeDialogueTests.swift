import MailModel
import Testing

@testable import ProviderTwin

/// Each gate of the model answers with the texts of the facts.
@Suite struct ExchangeDialogueTests {
    /// What a script acts on.
    private struct Stage {
        var model = ExchangeOnline()
        var now = Timestamp(seconds: 1_795_338_000)
        var last: ExchangeHandover?
        var reports: [ExchangeReport] = []
        var departures: [Timestamp] = []
        var token = ""
        var sessions: [String: Int] = [:]

        mutating func session(_ name: String) -> Int {
            if let known = sessions[name] { return known }
            let number = sessions.count + 1
            sessions[name] = number
            // `name@address`: a client that connects from that address.
            if let address = IPAddress(name.split(separator: "@").last ?? "") ?? IPAddress("127.0.0.1") {
                model.opened(number, from: address)
            }
            return number
        }
    }

    @Test(arguments: TwinScript.names) func `the model answers as its dialogue says`(_ name: String) throws {
        var stage = Stage()
        for step in try TwinScript.read(name) {
            for _ in 0..<(step.options["times"].flatMap(Int.init) ?? 1) {
                let reply = try perform(step, &stage)
                guard let expected = step.expected else { continue }
                #expect(TwinScript.fits(reply, expected), "\(name):\(step.line): \(reply)")
                // The client's next message, a moment later.
                stage.now = stage.now + .milliseconds(10)
            }
        }
    }

    @Test func `each gate has its dialogue`() { #expect(TwinScript.names.count >= 20) }

    private func perform(_ step: TwinScript, _ stage: inout Stage) throws -> String {
        switch step.verb {
        case "sign-in":
            let session = stage.session(step.words[0])
            return "\(stage.model.signIn(name: step.words[1], password: step.words[2], session: session, at: stage.now))"
        case "token": return try token(step, &stage)
        case "mail":
            let sender = try #require(EmailAddress(step.words[1]))
            let session = stage.session(step.words[0])
            return "\(stage.model.mail(.address(sender), session: session, at: stage.now))"
        case "send": return try send(step, &stage)
        case "close":
            let session = stage.session(step.words[0])
            stage.model.closed(session)
        case "clock": stage.now = stage.now + .seconds(try #require(Int(step.words[0])))
        case "set": try set(step, &stage)
        case "policy": try policy(step, &stage)
        case "mailbox": try mailbox(step, &stage)
        case "tenant": try tenant(step, &stage)
        case "release":
            if step.words[0] == "tenant" {
                stage.model.releaseTenant()
            } else {
                let address = try #require(EmailAddress(step.words[0]))
                let release = stage.model.release(address, at: stage.now)
                #expect(release == .from(stage.now), "line \(step.line)")
            }
        default: look(step, stage)
        }
        return ""
    }

    private func look(_ step: TwinScript, _ stage: Stage) {
        switch step.verb {
        case "alert":
            let name = step.words.joined(separator: " ")
            #expect(stage.model.alerts.all.contains { $0.name == name }, "line \(step.line)")
        case "pool": #expect(stage.last?.pool.rawValue == step.words[0], "line \(step.line)")
        case "waiting": #expect(stage.departures.count { $0 > stage.now } == Int(step.words[0]), "line \(step.line)")
        case "report":
            let text = step.words.dropFirst().joined(separator: " ")
            let report = stage.reports.last.map { String(decoding: $0.content, as: UTF8.self) } ?? ""
            #expect(report.contains("\r\n\(text)\r\n") && report.contains("To: \(step.words[0])\r\n"), "line \(step.line): \(report)")
        default: Issue.record("line \(step.line): \(step.verb)?")
        }
    }

    private func send(_ step: TwinScript, _ stage: inout Stage) throws -> String {
        let sender = try #require(EmailAddress(step.words[1]))
        let session = stage.session(step.words[0])
        let mail = stage.model.mail(.address(sender), session: session, at: stage.now)
        guard mail.isPositive else { return "\(mail)" }
        let submission = ExchangeSubmission(
            reversePath: .address(sender), recipients: TwinScript.recipients(step.words[2]),
            facts: ExchangeContentFacts.read(step.content()))
        let decision = stage.model.submitted(submission, session: session, at: stage.now)
        if case .accepted(_, let handover) = decision {
            stage.last = handover
            stage.reports += handover.reports
            stage.departures.append(handover.leavesAt)
        }
        return "\(decision.reply)"
    }

    private func token(_ step: TwinScript, _ stage: inout Stage) throws -> String {
        switch step.words[2] {
        case "right":
            stage.token = "token \(stage.sessions.count)"
            let answer = stage.model.tokenRequested(.application(clientID: "twin", secret: "twin"), token: stage.token, at: stage.now)
            #expect(answer == .granted(token: stage.token, lifeSeconds: 3599))
        case "wrong": stage.token = "guessed"
        default: break
        }
        let session = stage.session(step.words[0])
        return "\(stage.model.signIn(user: step.words[1], token: stage.token, session: session, at: stage.now))"
    }

    private func set(_ step: TwinScript, _ stage: inout Stage) throws {
        for (name, value) in step.options {
            let number = try #require(Int(value))
            var isSet = false
            stage.model.configure { isSet = $0.settings.set(name, number) }
            #expect(isSet, "line \(step.line)")
        }
    }

    private func policy(_ step: TwinScript, _ stage: inout Stage) throws {
        var policy = ExchangePolicy(name: "Default")
        let options = step.options
        policy.externalPerHour = options["externalPerHour"].flatMap(Int.init) ?? 0
        policy.internalPerHour = options["internalPerHour"].flatMap(Int.init) ?? 0
        policy.recipientsPerDay = options["recipientsPerDay"].flatMap(Int.init) ?? 0
        policy.action = try #require(ExchangePolicyAction(rawValue: options["action"] ?? ""))
        let made = policy
        stage.model.configure { $0.defaultPolicy = made }
    }

    private func tenant(_ step: TwinScript, _ stage: inout Stage) throws {
        for (name, value) in step.options {
            stage.model.configure { tenant in
                switch name {
                case "blockedRecipients": tenant.blockedRecipients = Set([EmailAddress(value)].compactMap { $0 })
                case "domainsWithoutDNS": tenant.domainsWithoutDNS = Set([DomainName(value)].compactMap { $0 })
                case "refusedWords": tenant.refusedWords = [value]
                default:
                    let networks = [IPNetwork(value)].compactMap { $0 }
                    tenant.connectors = [EmailAddress(name)].compactMap { $0 }.map { ExchangeConnector($0, networks: networks) }
                }
            }
        }
    }

    private func mailbox(_ step: TwinScript, _ stage: inout Stage) throws {
        let address = try #require(EmailAddress(step.words[0]))
        let options = step.options
        let isThere = stage.model.change(address) { mailbox in
            if let full = options["full"] { mailbox.isFull = full == "true" }
            if let licensed = options["licensed"] { mailbox.isLicensed = licensed == "true" }
            if let enabled = options["enabled"] { mailbox.isEnabled = enabled == "true" }
            if let allowed = options["smtpAuthentication"] { mailbox.allowsSMTPAuthentication = allowed == "true" }
            if let other = options["grantSendAs"].flatMap({ EmailAddress($0) }) { mailbox.sendAs.insert(other) }
            if let other = options["revokeSendAs"].flatMap({ EmailAddress($0) }) { mailbox.sendAs.remove(other) }
        }
        #expect(isThere, "line \(step.line)")
    }
}
