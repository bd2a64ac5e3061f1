import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// A next host that refuses our account, over real sockets: the route stands still, the mail waits, and one message tries the way again.
@Suite("A next host that refuses our account", .serialized, .ownThreads)
struct UpstreamStopTests {
    private static let disabled =
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [FR0P281CA0001.PROD.OUTLOOK.COM]"
    private static let restricted = "550 5.1.8 Access denied, bad outbound sender. AS(42004)"

    private func submit(_ count: Int, to gate: GateProcess) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        for number in 0..<count {
            #expect(client.submit(from: "a@example.org", to: ["b\(number)@example.net"], message("mail \(number)")).code == 250)
        }
    }

    private func stop(_ gate: GateProcess) throws -> StoppedRouteView? {
        let lines = try gate.command("routes", "list", "--json").split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(RouteView.self, from: Data($0.utf8)) }.first { $0.name == "out" }?.stop
    }

    private func waitForAll(_ gate: GateProcess, _ count: Int) throws {
        #expect(try eventually { try gate.queue().count { !$0.reply.isEmpty && !$0.leased } == count }, "all of them were told")
    }

    @Test func `a refused account stops its route over a restart, and a probe lets it go on`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                // The commands of an envelope come together: none of them is taken.
                guard case .command(let line) = step, line.hasPrefix("MAIL") || line.hasPrefix("RCPT") else { return nil }
                return .say(UpstreamStopTests.disabled)
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(5, to: gate)
            #expect(try eventually { try stop(gate) != nil })
            try waitForAll(gate, 5)
            let found = try #require(try stop(gate))
            #expect(found.cause == "sign-in" && found.reply.hasPrefix("535 5.7.139") && found.failedProbes == 0)
            #expect(found.advice.contains("Set-CASMailbox"))
            let status = try JSONDecoder().decode(GateStatus.self, from: Data(try gate.command("status", "--json").utf8))
            #expect(status.stoppedRoutes.map(\.route) == ["out"])
            #expect(gate.log.contains("Route out stands still"))
            #expect(try gate.queue().allSatisfy { $0.attempts == 0 && $0.state == "queued" })
            let story = try gate.command("explain", String(try #require(try gate.queue().first?.id)))
            #expect(story.contains("Route out stands still") && story.contains("after_fix"))

            // After a restart the stop stands: a fresh message meets it without a word to the host.
            let connections = server.connectionCount
            #expect(gate.stop() == 0)
            try gate.start()
            try submit(1, to: gate)
            try waitForAll(gate, 6)
            #expect(server.connectionCount == connections && server.mailCount == 0)

            // Mended: one message goes first, and all others after it.
            server.follow { $0.serve() }
            try gate.command("routes", "probe", "out", "--reason", "SMTP AUTH is on again")
            #expect(try gate.emptied().delivered == 6)
            #expect(server.mailCount == 6)
            #expect(try eventually { try stop(gate) == nil && gate.log.contains("Route out goes on") })
            #expect(try gate.tried(["routes", "probe", "out"]).status == 3)
        }
    }

    @Test func `a probe that fails costs one message, and the stop stays`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .content(let mail) = step else { return nil }
                peer.keep(mail)
                return .say(UpstreamStopTests.restricted)
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.command("routes", "add", "out", "--smarthost", "127.0.0.1:\(server.port)", "--connections", "1")
            try submit(4, to: gate)
            #expect(try eventually { try stop(gate) != nil })
            try waitForAll(gate, 4)
            // What was on its way when the first one was refused is all that it cost.
            let before = server.mailCount
            #expect(before == 1)
            try gate.command("routes", "probe", "out")
            #expect(try eventually { try stop(gate)?.failedProbes == 1 })
            try waitForAll(gate, 4)
            #expect(server.mailCount == before + 1)
            let ledger = try gate.ledger()
            #expect(ledger.queued == 4 && ledger.bounced == 0)
            server.follow { $0.serve() }
            // The connection that stands still speaks the old script; the probe needs a new one.
            #expect(eventually { server.openConnectionCount == 0 })
            try gate.command("routes", "probe", "out")
            #expect(try gate.emptied().delivered == 4)
        }
    }

    /// TLS and sign-in for real: the next host is a gate as well, and its account has another password than the route.
    @Test func `a refused sign-in stops the route until the password is right`() throws {
        try GateProcess.run { host in
            try GateProcess.run { gate in
                try gate.command(
                    "routes", "add", "out", "--smarthost", "127.0.0.1:\(host.tlsPort)", "--implicit-tls", "--tls", "encrypt", "--user",
                    GateProcess.account, "--password-stdin", input: "not the password\n")
                let client = try SMTPDialogue(port: gate.port)
                client.open()
                for name in ["b", "c"] {
                    let reply = client.submit(
                        from: GateProcess.account, to: ["\(name)@example.net"], message(name, from: GateProcess.account))
                    #expect(reply.code == 250)
                }
                #expect(try eventually { try stop(gate)?.cause == "sign-in" })
                try waitForAll(gate, 2)
                #expect(try gate.queue().allSatisfy { $0.attempts == 0 })
                try host.command("accounts", "password", GateProcess.account, "--password-stdin", input: "not the password\n")
                try gate.command("routes", "probe", "out")
                #expect(try gate.emptied().delivered == 2)
                #expect(try eventually { try stop(gate) == nil })
            }
        }
    }

    /// What is said to too many connections at a time slows the route, and stops nothing.
    @Test func `too many connections are no stop`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard peer.number == 1, case .command(let line) = step, line.hasPrefix("MAIL") else { return nil }
                return .sayAndClose("432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending")
            }
        }
        defer { server.stop() }
        try GateProcess.run(["delivery.retry=1s", "delivery.upstream-connections-wait=1s"]) { gate in
            try gate.route(to: server)
            try submit(1, to: gate)
            #expect(try gate.emptied().delivered == 1)
            #expect(server.connectionCount == 2)
            #expect(try stop(gate) == nil)
        }
    }
}
