import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Synchronization
import Testing

/// What stops one sender from ruining the mail of all, with real dialogues.
@Suite("Senders that are stopped", .serialized, .ownThreads)
struct ProtectionTests {
    /// A relay on 127.0.0.7 whose senders are the envelope's.
    private func addRelay(_ gate: GateProcess) throws {
        try gate.command(
            "connectors", "add", "relay", "--ip", "127.0.0.7", "--plaintext", "--any-sender", "--sender-identity", "envelope", "--class",
            "personal")
    }

    private func restricted(_ gate: GateProcess, all: Bool = false) throws -> [RestrictionView] {
        try gate.rows(RestrictionView.self, ["restricted", "list", "--json"] + (all ? ["--all"] : []))
    }

    @Test func `a stolen password at full speed through twenty connections is stopped at its limit, and a colleague meets nothing`() throws
    {
        try GateProcess.run { gate in
            try addRelay(gate)
            try gate.command("policy", "preset", "standard")
            let taken = Mutex(0)
            let refusals = Mutex(Set<String>())
            let port = gate.port
            DispatchQueue.concurrentPerform(iterations: 20) { connection in
                guard let client = try? SMTPDialogue(port: port, from: "127.0.0.7") else { return }
                client.open()
                for number in 0..<60 {
                    let reply = client.submit(
                        from: "victim@example.org", to: ["v\(connection)-\(number)@example.net"], message("x", from: "victim@example.org"))
                    if reply.code == 250 {
                        taken.withLock { $0 += 1 }
                    } else {
                        refusals.withLock { _ = $0.insert(String(reply.description.prefix(51))) }
                    }
                }
            }
            #expect(taken.withLock { $0 } == 400, "as many new recipients as Standard allows in a day, to the last one")
            #expect(refusals.withLock { $0 } == ["550 5.1.8 Access denied, bad outbound sender. limit"])
            let rows = try restricted(gate)
            #expect(rows.map(\.entity) == ["sender:victim@example.org"] && rows.first?.rule == "limit.first-time-recipients-per-24-hours")

            let colleague = try SMTPDialogue(port: gate.port, from: "127.0.0.7")
            colleague.open()
            for number in 0..<20 {
                let reply = colleague.submit(
                    from: "colleague@example.org", to: ["friend\(number % 5)@example.net"], message("x", from: "colleague@example.org"))
                #expect(reply.code == 250, "\(reply)")
            }
            #expect(
                eventually { (try? gate.rows(AlertRow.self, ["alerts", "--json"]).contains { $0.kind == "sender-restricted" }) ?? false })
            #expect(try gate.ledger(verified: true).verified == true)
        }
    }

    private struct AlertRow: Codable {
        var kind: String
    }

    @Test func `a restricted sender is released by a person, with its mail, and the reasons are kept`() throws {
        try GateProcess.run { gate in
            try addRelay(gate)
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "2", "--action", "restrict")
            // What is queued when the restriction comes is held.
            try gate.command("pause", "external", "--reason", "a test")
            let client = try SMTPDialogue(port: gate.port, from: "127.0.0.7")
            client.open()
            func send(_ number: Int) -> Reply {
                client.submit(from: "kim@example.org", to: ["r\(number)@example.net"], message("Number \(number)", from: "kim@example.org"))
            }
            #expect(send(1).code == 250 && send(2).code == 250)
            let refused = send(3)
            #expect(refused.description.hasPrefix("550 5.1.8 Access denied, bad outbound sender"))
            let view = try #require(try restricted(gate).first)
            #expect(refused.text.contains(view.reference))
            #expect(client.say("MAIL FROM:<kim@example.org>").code == 250, "a relay's sender is known for certain with the message")
            _ = client.say("RSET")
            #expect(eventually { (try? gate.queue().filter { $0.sender == "kim@example.org" }.map(\.state)) == ["held", "held"] })
            #expect(
                eventually {
                    let seen = try? gate.rows(RestrictionView.self, ["restricted", "show", "kim@example.org", "--json"]).first?.evidence
                    return seen?.subjects == ["Number 3", "Number 2", "Number 1"] && seen?.addresses.contains("127.0.0.7") == true
                })
            try gate.command("resume", "external")

            let file = gate.directory.appendingPathComponent("export.json").path
            try gate.command("restricted", "export", "kim@example.org", "--out", file, "--redact")
            let export = try String(contentsOfFile: file, encoding: .utf8)
            #expect(export.contains("…@example.net") && !export.contains("r1@") && !export.contains("Number 1"))

            #expect(try gate.tried(["restricted", "release", "kim@example.org", "--reason", "x", "--check", "nothing"]).status != 0)
            let outcome = try #require(
                try gate.rows(
                    ReleaseOutcome.self,
                    [
                        "restricted", "release", "kim@example.org", "--reason", "password changed", "--check", "password-changed", "--mail",
                        "release",
                        "--json",
                    ]
                ).first)
            #expect(outcome.mailAffected == 2 && outcome.unchecked.count == 3)
            _ = try gate.emptied()
            #expect(try gate.trace().count { $0.sender == "kim@example.org" && $0.status == "delivered" } == 2)
            #expect(try restricted(gate).isEmpty)
            #expect(send(4).code == 250, "volume alone does not restrict again on the same day")
            #expect(
                eventually { (try? gate.rows(AlertRow.self, ["alerts", "--json"]).contains { $0.kind == "sender-restricted" }) == false },
                "the incident is over")
            let kept = try #require(try restricted(gate, all: true).first)
            #expect(kept.state == "released" && kept.releases.map(\.reason) == ["password changed"])
            #expect(try gate.rows(AuditRow.self, ["audit", "--json"]).contains { $0.action == "restriction.release" })
        }
    }

    private struct AuditRow: Codable {
        var action: String
    }

    @Test func `past three releases in a month a second person has to agree`() throws {
        try GateProcess.run { gate in
            try gate.command("policy", "preset", "standard")
            for _ in 0..<3 {
                try gate.command("restricted", "add", "kim@example.org", "--reason", "a test")
                try gate.command("restricted", "release", "kim@example.org", "--reason", "a test")
            }
            try gate.command("restricted", "add", "kim@example.org", "--reason", "a test")
            let refused = try gate.tried(["restricted", "release", "kim@example.org", "--reason", "a test"])
            #expect(refused.status != 0 && refused.errors.contains("postern restricted approve"))
            // The same person is no second one.
            try gate.command("restricted", "approve", "kim@example.org")
            #expect(try gate.tried(["restricted", "release", "kim@example.org", "--reason", "a test"]).status != 0)
        }
    }

    @Test func `a program that repeats Send As denied is throttled with 5-2-252, its good mail too, and recovers`() throws {
        try GateProcess.run { gate in
            try gate.command("connectors", "add", "app", "--ip", "127.0.0.8", "--plaintext", "--grant", "app@example.org")
            let client = try SMTPDialogue(port: gate.port, from: "127.0.0.8")
            client.open()
            for _ in 0..<20 { #expect(client.say("MAIL FROM:<boss@example.org>").description.hasPrefix("550 5.7.60")) }
            let throttled = client.say("MAIL FROM:<boss@example.org>").description
            #expect(throttled.hasPrefix("550 5.2.252 Sender throttled due to continuous send as denied errors."))
            #expect(client.say("MAIL FROM:<app@example.org>").description.hasPrefix("550 5.2.252"))
            #expect(
                eventually { (try? gate.rows(ThrottleView.self, ["throttles", "list", "--json"]).map(\.principal)) == ["connector:app"] })
            try gate.command("throttles", "end", "connector:app", "--reason", "mended")
            #expect(client.submit(from: "app@example.org", to: ["b@example.net"], message("x", from: "app@example.org")).code == 250)
        }
    }

    @Test func `limits survive a kill`() throws {
        try GateProcess.run { gate in
            try addRelay(gate)
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "5", "--action", "refuse")
            func send(_ count: Int) throws -> [Int] {
                let client = try SMTPDialogue(port: gate.port, from: "127.0.0.7")
                client.open()
                return (0..<count).map { _ in
                    client.submit(from: "kim@example.org", to: ["r@example.net"], message("x", from: "kim@example.org")).code
                }
            }
            #expect(try send(3) == [250, 250, 250])
            gate.kill()
            try gate.start()
            #expect(try send(4) == [250, 250, 550, 550])
        }
    }
}

/// Limits and restrictions over nodes that share a database.
@Suite("Senders that are stopped on every node", .serialized, .ownThreads)
struct SharedProtectionTests {
    @Test func `thirty recipients stay thirty over three nodes, and a restriction reaches all of them`() throws {
        try GateCluster.run(3) { cluster in
            let first = cluster.nodes[0]
            try first.command("policy", "preset", "standard")
            try first.command("policy", "set", "default", "--external-per-hour", "30", "--action", "refuse")
            // Every node has it.
            #expect(
                try eventually {
                    try cluster.nodes.allSatisfy { try version($0) == version(first) }
                })
            let taken = Mutex(0)
            let ports = cluster.nodes.map(\.port)
            DispatchQueue.concurrentPerform(iterations: 3) { index in
                guard let client = try? SMTPDialogue(port: ports[index]) else { return }
                client.open()
                for number in 0..<30 {
                    let reply = client.submit(from: "a@example.org", to: ["n\(index)-\(number % 3)@example.net"], message("x"))
                    if reply.code == 250 { taken.withLock { $0 += 1 } }
                }
            }
            #expect(taken.withLock { $0 } == 30)

            try cluster.nodes[1].command("restricted", "add", "connector:local", "--reason", "a test")
            for node in cluster.nodes {
                #expect(
                    try eventually {
                        let client = try SMTPDialogue(port: node.port)
                        client.open()
                        return client.say("MAIL FROM:<a@example.org>").description.hasPrefix("550 5.7.711")
                    })
            }
        }
    }

    private struct StatusRow: Codable {
        var directoryVersion: Int64
    }

    private func version(_ node: GateProcess) throws -> Int64? {
        try node.rows(StatusRow.self, ["status", "--json"]).first?.directoryVersion
    }
}

extension GateProcess {
    /// What a command prints with `--json`.
    func rows<Row: Decodable>(_ type: Row.Type, _ words: [String]) throws -> [Row] {
        let run = try tried(words)
        guard run.status == 0 else { throw Failure(description: "\(words): \(run)") }
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
