import Foundation
import GateSupport
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// Alerts from what is wrong to the people who are told.
@Suite("Alerts", .serialized, .ownThreads)
struct AlertTests {
    private static let fullDisk = "storage.free-bytes-min=1024TiB"
    private static let recipient = "alerts.recipients=soc@example.net"

    private func alerts(_ gate: GateProcess, _ words: String...) throws -> [AlertLine] {
        let run = try gate.tried(["alerts", "--json"] + words)
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(AlertLine.self, from: Data($0.utf8)) }
    }

    /// All alerts, once they are as wanted, or will not be.
    private func alerts(_ gate: InProcessGate, when isReached: ([AlertLine]) -> Bool) async throws -> [AlertLine] {
        var all = AlertQuery()
        all.isOpenOnly = false
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let rows = try await gate.perform(ListAlerts(query: all))
            if isReached(rows) || ContinuousClock.now >= deadline { return rows }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A gate that is not running yet, to be set up first.
    private func withGate(_ settings: [String], environment: [String: String] = [:], _ body: (GateProcess) throws -> Void) throws {
        let gate = GateProcess(settings, environment: environment, on: try GateTemplate.copy())
        defer { gate.remove() }
        do { try body(gate) } catch { throw GateProcess.Failure(description: "\(error)\n\(gate.log)") }
    }

    private func condition(_ subject: String = "organisation", _ number: Int = 0, stage: Int = 0, isOver: Bool = false) -> AlertCondition {
        AlertCondition(
            .organisationLimitReached, subject: subject, at: .now, text: "\(number) recipients are too many.", advice: "Send less.",
            stage: stage, isOver: isOver)
    }

    // MARK: Mail

    @Test func `a disk that is full is told by mail, and the alert is over with it`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try withGate([Self.recipient]) { gate in
            try gate.route(to: server)
            try gate.start([Self.fullDisk])
            #expect(eventually { server.mailCount == 1 })
            let mail = try #require(server.mails.first)
            #expect(mail.from.hasPrefix("<>") && mail.addresses == ["soc@example.net"])
            #expect(mail.field("Subject") == "[high] Trouble with the store: store of gate.example.org")
            #expect(mail.field("From") == "Postern <postmaster@gate.example.org>" && mail.field("Auto-Submitted") == "auto-generated")
            #expect(mail.field("Date") != nil && mail.field("Message-ID")?.hasSuffix("@gate.example.org>") == true)
            let alert = try #require(try alerts(gate).first)
            #expect(alert.kind == .storeTrouble && alert.state == .new && alert.severity == .high && alert.notices == 1)
            for words in ["The disk is almost full", "What to do: ", "postern alerts show \(alert.id)"] {
                #expect(mail.text.contains(words), "\(words)")
            }
            let row = try #require(try gate.trace().first)
            #expect(row.sender == "postern" && row.recipient == "soc@example.net" && row.status == "delivered")
            try gate.command("alerts", "acknowledge", alert.id, "--reason", "on it")
            #expect(try alerts(gate).map(\.state) == [.acknowledged])
            gate.stop()
            // The next run finds room: nobody says so, since it was not the one that found none. A person does.
            try gate.command("alerts", "resolve", alert.id, "--reason", "a larger disk")
            #expect(try gate.tried(["alerts", "resolve", alert.id, "--reason", "again"]).status == 4)
            #expect(try alerts(gate).isEmpty)
            #expect(try alerts(gate, "--all").map(\.reason) == ["a larger disk"])
            #expect(try gate.command("audit", "--json").contains("alert.resolve"))
            #expect(try gate.ledger(verified: true).verified == true)
        }
    }

    @Test func `alert mail takes the route of its own, and the next where that is paused`() throws {
        let (usual, first, second) = (ScriptedServer(), ScriptedServer(), ScriptedServer())
        defer { for server in [usual, first, second] { server.stop() } }
        let settings = [Self.recipient, "alerts.route=gone,first,second", "alerts.sender=watch@example.org"]
        try withGate(settings) { gate in
            try gate.route(to: usual)
            for (name, server) in [("first", first), ("second", second)] {
                try gate.command("routes", "add", name, "--smarthost", "127.0.0.1:\(server.port)", "--order", "2000")
            }
            try gate.start([Self.fullDisk])
            #expect(eventually { first.mailCount == 1 })
            #expect(first.mails.first?.from.hasPrefix("<watch@example.org>") == true)
            #expect(first.mails.first?.field("From") == "Postern <watch@example.org>")
            gate.stop()
            let alert = try #require(try alerts(gate).first)
            try gate.command("alerts", "resolve", alert.id, "--reason", "test")
            try gate.command("pause", "route:first", "--reason", "test")
            try gate.start([Self.fullDisk])
            #expect(eventually { second.mailCount == 1 })
            #expect(first.mailCount == 1 && usual.mailCount == 0)
        }
    }

    @Test func `a thousand conditions from many threads are one alert and one mail`() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try await InProcessGate.run([Self.recipient]) { gate in
            try await gate.route(toPort: server.port)
            await withTaskGroup(of: Void.self) { group in
                for thread in 0..<10 {
                    group.addTask { for number in 0..<100 { gate.alerts.raise(condition("organisation", thread * 100 + number)) } }
                }
            }
            #expect(eventually { server.mailCount == 1 })
            _ = try await gate.ledger { $0.delivered == 1 }
            let rows = try await gate.perform(ListAlerts())
            #expect(rows.count == 1 && rows[0].hits == 1000)
            // While somebody works on it, and when it is over within the minute, nobody is disturbed again at once.
            _ = try await gate.perform(AcknowledgeAlert(id: rows[0].id))
            gate.alerts.raise((0..<1000).map { condition("organisation", $0) })
            gate.alerts.raise(condition(isOver: true))
            let last = try await alerts(gate) { $0.first?.state == .resolved }
            #expect(last.map(\.hits) == [2000] && last.first?.ending == "over" && last.first?.notices == 2)
            #expect(try await gate.ledger().accepted == 1, "the word that it is over waits for the end of the minute")
        }
    }

    @Test func `a sender has a word at 80 and at 90 percent, once each`() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try await InProcessGate.run([]) { gate in
            try await gate.route(toPort: server.port)
            let address = try #require(EmailAddress("alice@example.org"))
            for stage in [80, 80, 90, 90] {
                let word = SenderWord(to: address, occasion: "external-hour/1", text: "You have used \(stage) % of your limit.")
                gate.alerts.raise(
                    AlertCondition(
                        .limitNear, subject: "sender:alice@example.org", at: .now, text: "near", stage: stage, senderWord: word))
            }
            #expect(eventually { server.mailCount == 2 })
            #expect(Set(server.mails.compactMap { $0.field("Subject") }) == ["Your mail through gate.example.org"])
            #expect(server.mails.allSatisfy { $0.addresses == ["alice@example.org"] && !$0.text.contains("postern alerts") })
            let texts = server.mails.map(\.text)
            for stage in [80, 90] { #expect(texts.contains { $0.contains("You have used \(stage) % of your limit.") }) }
        }
    }

    // MARK: Webhooks

    private func addWebhook(_ gate: GateProcess, _ server: HookServer, _ path: String, _ words: String...) throws {
        let output = try gate.tried(["webhooks", "add", "hook", server.url(path), "--allow-private", "--json"] + words).output
        let outcome = try JSONDecoder().decode(WebhookOutcome.self, from: Data(output.utf8))
        try server.expect(secret: outcome.secret)
    }

    @Test(.enabled(if: HookServer.isThere)) func `a webhook is called again after 500, signed, under one identifier`() throws {
        let server = try HookServer()
        defer { server.stop() }
        try withGate([]) { gate in
            try addWebhook(gate, server, "/500,200")
            try gate.start([Self.fullDisk])
            #expect(eventually { server.calls.count == 2 })
            let alert = try #require(try alerts(gate).first)
            #expect(Set(server.calls.map(\.id)) == ["\(alert.id)/1"])
            #expect(server.calls.allSatisfy { $0.isSigned && $0.body.type == "alert.opened" && $0.body.data?.id == alert.id })
            #expect(server.calls.first?.body.data?.kind == "store-trouble" && server.calls.first?.body.node == "gate.example.org")
            #expect(try eventually { try gate.command("alerts", "show", alert.id).contains("sent") })
        }
    }

    @Test(.enabled(if: HookServer.isThere)) func `a notice survives a kill between its making and its answer`() throws {
        let server = try HookServer()
        defer { server.stop() }
        let clock = try TemporaryDirectory.make().appendingPathComponent("clock")
        defer { try? FileManager.default.removeItem(at: clock.deletingLastPathComponent()) }
        func set(_ seconds: Int64) throws { try withUnsafeBytes(of: seconds * 1000) { try Data($0).write(to: clock) } }
        try set(0)
        try withGate([], environment: ["POSTERN_TEST_CLOCK": clock.path]) { gate in
            try addWebhook(gate, server, "/hang")
            try gate.start([Self.fullDisk])
            #expect(eventually { server.calls.count == 1 })
            gate.kill()
            server.release()
            // What the dead run had taken is free after two minutes.
            try set(130)
            try gate.start()
            #expect(eventually { server.calls.count >= 2 })
            #expect(Set(server.calls.map(\.id)).contains(server.calls[0].id) && server.calls[1].id == server.calls[0].id)
            let alert = try #require(try alerts(gate, "--all").first)
            #expect(try eventually { try gate.command("alerts", "show", alert.id).contains("sent") })
        }
    }

    @Test(.enabled(if: HookServer.isThere)) func `a redirect is not followed, and an answer without end is cut`() throws {
        let server = try HookServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try addWebhook(gate, server, "/302")
            let run = try gate.tried(["webhooks", "test", "hook", "--json"])
            #expect(run.status == 1 && run.output.contains("redirects are not followed"), "\(run)")
            #expect(server.calls.map(\.path) == ["/302"] && server.calls.first?.body.type == "webhook.test")
            try gate.command("webhooks", "remove", "hook")
            try addWebhook(gate, server, "/large")
            let large = try gate.tried(["webhooks", "test", "hook", "--json"])
            #expect(large.status == 0 && large.output.contains("\"address\":\"127.0.0.1\""), "\(large)")
            #expect(server.calls.last?.isSigned == true)
        }
    }

    @Test(.enabled(if: HookServer.isThere)) func `calls are kept and sent again, signed anew, under one identifier`() throws {
        let server = try HookServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try addWebhook(gate, server, "/500,200")
            #expect(try gate.tried(["webhooks", "test", "hook"]).status == 1)
            func calls() throws -> [WebhookCallView] {
                try gate.tried(["webhooks", "calls", "hook", "--json"]).output.split(separator: "\n").map {
                    try JSONDecoder().decode(WebhookCallView.self, from: Data($0.utf8))
                }
            }
            let failed = try #require(try calls().first)
            #expect(failed.status == 500 && !failed.ok && failed.answer == "ok" && failed.address == "127.0.0.1", "\(failed)")
            try gate.command("webhooks", "replay", "hook", "--call", failed.id, "--reason", "mended")
            #expect(server.calls.map(\.id) == [failed.id, failed.id] && server.calls.allSatisfy { $0.isSigned })
            let all = try calls()
            #expect(all.count == 2 && all[0].ok && all[0].status == 200 && all[0].id == failed.id, "\(all)")
            // All of a time: each notice once.
            try gate.command("webhooks", "replay", "hook", "--since", failed.time)
            #expect(server.calls.count == 3)
            #expect(try gate.tried(["webhooks", "replay", "hook", "--call", "nothing"]).status == 3)
            #expect(try gate.tried(["webhooks", "replay", "hook"]).status == 2)
            #expect(try gate.command("audit", "--json").contains("webhook.replay"))
        }
    }

    @Test(.enabled(if: HookServer.isThere)) func `private addresses are refused, also behind a name`() throws {
        let server = try HookServer()
        defer { server.stop() }
        let dns = ScriptedDNSServer([
            "hook.example.com A": .records([[127, 0, 0, 1]]), "both.example.com A": .records([[10, 0, 0, 1], [169, 254, 169, 254]]),
        ])
        defer { dns.stop() }
        try GateProcess.run(["delivery.resolver=127.0.0.1@\(dns.port)"]) { gate in
            for url in [
                "https://127.0.0.1:\(server.port)/", "https://[::1]/", "https://169.254.169.254/", "http://example.org/",
                "ftp://example.org/",
            ] {
                #expect(try gate.tried(["webhooks", "add", "hook", url]).status == 2, "\(url)")
            }
            for name in ["hook", "both"] {
                try gate.command("webhooks", "add", name, "https://\(name).example.com:\(server.port)/200")
                let run = try gate.tried(["webhooks", "test", name, "--json"])
                #expect(run.status == 1 && run.output.contains("loopback, private or other special"), "\(run)")
            }
            // The same name is called where the webhook says so.
            let words = ["webhooks", "add", "inside", "http://hook.example.com:\(server.port)/200", "--allow-private", "--json"]
            let outcome = try JSONDecoder().decode(WebhookOutcome.self, from: Data(gate.tried(words).output.utf8))
            try server.expect(secret: outcome.secret)
            #expect(try gate.tried(["webhooks", "test", "inside"]).status == 0)
            #expect(server.calls.count == 1 && server.calls.first?.isSigned == true)
            #expect(try gate.command("webhooks", "list", "--json").contains("whsec_") == false)
        }
    }

    @Test(.enabled(if: HookServer.isThere)) func `a store that takes nothing is told of without it`() async throws {
        let server = try HookServer()
        defer { server.stop() }
        let url = server.url("/200")
        try await InProcessGate.run([]) { gate in
            let made = try await gate.perform(AddWebhook(webhook: "hook", url: url, allowsPrivateAddresses: true))
            try server.expect(secret: made.secret)
            gate.faults.become(.fails(.unavailable("as the test asks")))
            gate.alerts.raise(AlertCondition(.storeTrouble, subject: "store", at: .now, text: "The store does not answer"))
            #expect(eventually { server.calls.count == 1 })
            let call = try #require(server.calls.first)
            #expect(call.isSigned && call.body.data?.subject == "store" && call.id.hasPrefix("unsaved/"))
            // Once it takes them again, the alert is there, and is told as any other.
            gate.faults.become(.sound)
            #expect(eventually { server.calls.count == 2 })
            #expect(try await gate.perform(ListAlerts()).map(\.kind) == [.storeTrouble])
        }
    }

    // MARK: Many nodes

    @Test func `two gates that find the same on one database make one alert and one mail`() async throws {
        try await GateCluster.prepare(2) { cluster in
            let server = cluster.server
            let directories = cluster.nodes.map(\.directory)
            try await InProcessGate.run([Self.recipient], on: directories[0]) { first in
                try await InProcessGate.run([Self.recipient], on: directories[1]) { second in
                    await withTaskGroup(of: Void.self) { group in
                        for gate in [first, second] {
                            group.addTask { for number in 0..<500 { gate.alerts.raise(condition("organisation", number)) } }
                        }
                    }
                    let rows = try await alerts(second) { $0.first?.hits == 1000 }
                    #expect(rows.count == 1 && rows.first?.hits == 1000 && rows.first?.notices == 1)
                    #expect(eventually { server.mailCount == 1 })
                    let ledger = try await first.ledger { $0.delivered == 1 }
                    #expect(ledger.accepted == 1 && ledger.delivered == 1)
                    let notices = try await first.perform(ShowAlert(id: rows[0].id)).notices
                    #expect(notices.map(\.outcome) == ["sent"])
                    #expect(try await first.store.read { try $0.nextNotice() } == nil)
                }
            }
        }
    }
}
