import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Synchronization
import Testing

/// The stop button, acts on the queue, and commands beside the gate and without it.
@Suite("Administration", .serialized, .ownThreads)
struct AdministrationTests {
    private func submit(_ gate: GateProcess, _ subject: String, to recipient: String = "b@example.net", parameters: String = "") throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        let reply = client.submit(from: "a@example.org", to: [recipient], message(subject), parameters: parameters)
        #expect(reply.code == 250, "\(reply)")
    }

    @Test(arguments: ["all", "external", "sender:connector:local", "route:out"])
    func `a pause keeps mail back, before and after a restart, and resume lets it go`(_ scope: String) throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("pause", scope, "--reason", "test")
            try submit(gate, "kept back")
            #expect(try gate.queue().map { $0.state } == ["queued"])
            gate.stop()
            try gate.start()
            try submit(gate, "kept back too")
            #expect(try gate.queue().count == 2)
            #expect(server.connectionCount == 0)
            #expect(try gate.command("pauses", "--json") == "{\"scope\":\"\(scope)\"}\n")

            try gate.command("resume", scope)
            #expect(try gate.emptied().delivered == 2)
            #expect(server.mailCount == 2)
            let acts = try gate.command("audit", "--json")
            #expect(acts.contains("pause.add") && acts.contains("pause.remove"))
        }
    }

    @Test func `a pause of external mail lets internal mail through`() throws {
        let outside = ScriptedServer()
        let inside = ScriptedServer()
        defer {
            outside.stop()
            inside.stop()
        }
        try GateProcess.run { gate in
            try gate.route(to: outside)
            try gate.command("domains", "add", "internal.example", "--host", "127.0.0.1:\(inside.port)")
            try gate.command("pause", "external", "--reason", "test")
            try submit(gate, "to the world")
            try submit(gate, "to ourselves", to: "c@internal.example")
            #expect(eventually { inside.mailCount == 1 })
            #expect(outside.mailCount == 0)
            try gate.command("resume", "external")
            #expect(try gate.emptied().delivered == 2)
            #expect(outside.mails.first?.addresses == ["b@example.net"])
        }
    }

    @Test func `a pause stops mail that waits for a slow host`() throws {
        // Ready mail, not yet begun, goes back when the button is pressed.
        let isReleased = Atomic(false)
        let server = ScriptedServer { peer in
            peer.serve { step in
                if case .content = step { _ = eventually { isReleased.load(ordering: .acquiring) } }
                return nil
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.command("routes", "add", "out", "--smarthost", "127.0.0.1:\(server.port)", "--connections", "1")
            try submit(gate, "slow")
            #expect(eventually { server.openConnectionCount == 1 })
            try submit(gate, "behind it")
            try gate.command("pause", "route:out", "--reason", "test")
            isReleased.store(true, ordering: .releasing)
            #expect(eventually { server.mailCount == 1 })
            #expect(try eventually { try gate.ledger().delivered == 1 })
            #expect(try gate.queue().map { $0.subject } == ["behind it"])
            try gate.command("resume", "route:out")
            #expect(try gate.emptied().delivered == 2)
        }
    }

    @Test func `mail for later waits until its time, can be held, released and cancelled, and survives a clean stop`() throws {
        try GateProcess.run { gate in
            for subject in ["first", "second", "third"] { try submit(gate, subject, parameters: " HOLDFOR=3600") }
            try submit(gate, "now")
            #expect(try eventually { try gate.ledger().delivered == 1 })
            let waiting = Dictionary(uniqueKeysWithValues: try gate.queue().map { ($0.subject, $0) })
            #expect(waiting.keys.sorted() == ["first", "second", "third"])
            for line in waiting.values {
                let due = try #require(Timestamp(rfc3339: line.due))
                let received = try #require(Timestamp(rfc3339: line.received))
                #expect(due - received == .seconds(3600) && line.attempts == 0)
            }
            let first = try #require(waiting["first"]?.id)
            let second = try #require(waiting["second"]?.id)
            let third = try #require(waiting["third"]?.id)

            #expect(try gate.command("queue", "hold", first) == "1 recipient held\n")
            #expect(try gate.command("queue", "hold", second) == "1 recipient held\n")
            #expect(try gate.command("queue", "cancel", third) == "1 recipient cancelled\n")
            #expect(try gate.ledger() == ledger(accepted: 4, delivered: 1, cancelled: 1, held: 2))
            // What is held does not move by itself, nor by a retry.
            #expect(try gate.tried(["queue", "retry", first]).status == 3)

            #expect(gate.stop() == 0)
            #expect(try gate.ledger() == ledger(accepted: 4, delivered: 1, cancelled: 1, held: 2))
            try gate.start()
            #expect(try gate.command("queue", "release", first) == "1 recipient released\n")
            #expect(try eventually { try gate.ledger().delivered == 2 })
            gate.stop()
            #expect(try gate.command("queue", "release", second) == "1 recipient released\n")
            try gate.start()
            #expect(try gate.emptied() == ledger(accepted: 4, delivered: 3, cancelled: 1))
            #expect(try gate.ledger(verified: true).verified == true)
        }
    }

    private func ledger(accepted: Int, delivered: Int, cancelled: Int, held: Int = 0) throws -> LedgerView {
        let text = """
            {"accepted": \(accepted), "delivered": \(delivered), "bounced": 0, "expired": 0, "cancelled": \(cancelled), "suppressed": 0,
            "queued": 0, "held": \(held), "balanced": true}
            """
        return try JSONDecoder().decode(LedgerView.self, from: Data(text.utf8))
    }

    @Test func `every table prints JSON, one object a line, with the gate running and stopped`() throws {
        try GateProcess.run { gate in
            try gate.command("domains", "add", "internal.example")
            try gate.command("pause", "sender:nobody@example.org", "--reason", "test")
            try submit(gate, "later", parameters: " HOLDFOR=3600")
            let id = try #require(try gate.queue().first?.id)
            let tables = [
                ["accounts", "list"], ["connectors", "list"], ["domains", "list"], ["routes", "list"], ["dkim", "list"], ["pauses"],
                ["trace"],
                ["ledger"], ["queue", "list"], ["queue", "show", id], ["audit"],
            ]
            try expectJSON(gate, tables + [["status"]])
            gate.stop()
            try expectJSON(gate, tables)
        }
    }

    private func expectJSON(_ gate: GateProcess, _ tables: [[String]]) throws {
        for table in tables {
            let run = try gate.tried(table + ["--json"])
            let lines = run.output.split(separator: "\n")
            #expect(run.status == 0 && !lines.isEmpty && run.errors.isEmpty, "\(table): \(run)")
            for line in lines { #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any], "\(table)") }
        }
    }

    @Test func `exit codes say what was wrong`() throws {
        try GateProcess.run { gate in
            let expected: [(arguments: [String], status: Int32)] = [
                (["queue", "show", "0000000000000"], 3), (["queue", "cancel", "0000000000000"], 3),
                (["connectors", "add", "local", "--ip", "127.0.0.1"], 4), (["accounts", "add", "no address"], 2), (["queue", "cancel"], 2),
                (["serve"], 4), (["resume", "external"], 3), (["version", "--nonsense"], 2),
            ]
            for (arguments, status) in expected {
                let run = try gate.tried(arguments)
                #expect(run.status == status && !run.errors.isEmpty, "\(arguments): \(run)")
            }
            gate.stop()
            #expect(try gate.tried(["status"]).status == 5)
        }
    }

    @Test func `a stop lets the dialogue under way end with 421 and delivers nothing twice`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            for number in 0..<50 {
                #expect(client.submit(from: "a@example.org", to: ["to-\(number)@example.net"], message("stop \(number)")).code == 250)
            }
            #expect(gate.stop() == 0)
            #expect(client.reply().description.hasPrefix("421 4.3.2"))
            try gate.start()
            #expect(try gate.emptied().delivered == 50)
            #expect(server.mailCount == 50)
        }
    }
}
