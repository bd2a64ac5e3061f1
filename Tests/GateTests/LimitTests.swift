import Foundation
import GateSupport
import MailModel
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Testing

/// Limits that an administrator puts while the gate runs.
@Suite("Limits", .serialized, .ownThreads)
struct LimitTests {
    private func client(_ gate: GateProcess) throws -> SMTPDialogue {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        return client
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ gate: GateProcess, _ words: String...) throws -> Value {
        let run = try gate.tried(words + ["--json"])
        return try JSONDecoder().decode(type, from: Data(run.output.utf8))
    }

    @Test func `a limit that is put counts from the next message on, and says what it is`() throws {
        try GateProcess.run { gate in
            let client = try client(gate)
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("before")).code == 250)
            try gate.command("policy", "preset", "standard", "--reason", "test")
            try gate.command("policy", "set", "default", "--external-per-hour", "5", "--action", "refuse")
            for number in 1...5 {
                #expect(client.submit(from: "a@example.org", to: ["b\(number)@example.net"], message("\(number)")).code == 250)
            }
            let sixth = client.submit(from: "a@example.org", to: ["b@example.net"], message("sixth"))
            #expect(sixth.description.hasPrefix("550 5.2.2 Submission quota exceeded"))
            #expect(sixth.text.contains("connector:local has used 5 of 5 external recipients in any hour (policy:default)"), "\(sixth)")
            let refused = try #require(try gate.trace("--status", "refused").first)
            #expect(refused.subject == "sixth")
            #expect(refused.findings.map(\.rule) == ["limit.external-per-hour"])
            #expect(refused.findings.first?.matched == "5+1/5")
            #expect(client.submit(from: "a@example.org", to: ["b@in.example.org"], message("external too")).code == 550)

            try gate.command("policy", "preset", "none")
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("after")).code == 250)
            #expect(try gate.command("audit", "--json").contains("policy.preset"))
        }
    }

    @Test func `a sender asks for more, an approver grants it, and the next message passes`() throws {
        try GateProcess.run { gate in
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "2", "--action", "refuse")
            let client = try client(gate)
            func send() -> Reply { client.submit(from: "a@example.org", to: ["b@example.net"], message("x")) }
            #expect(send().code == 250 && send().code == 250)
            #expect(send().code == 550)
            let asked = try json(
                LimitRequestView.self, gate, "requests", "add", "connector:local", "--limit", "external-per-hour", "--value", "4",
                "--reason", "a fair")
            #expect(asked.state == "open")
            #expect(send().code == 550, "nobody has decided")
            #expect(try eventually { try gate.command("alerts", "--json").contains("request:\(asked.id)") })
            let end = (Timestamp.now + .seconds(86_400)).rfc3339
            try gate.command("requests", "approve", asked.id, "--until", end, "--reason", "agreed")
            #expect(send().code == 250 && send().code == 250)
            let fifth = send()
            #expect(fifth.code == 550 && fifth.text.contains("(request:\(asked.id))"), "\(fifth)")
            #expect(try json(LimitRequestView.self, gate, "requests", "list").state == "granted")

            let bulk = try json(LimitRequestView.self, gate, "requests", "add", "connector:local", "--bulk", "--reason", "newsletter")
            try gate.command("requests", "approve", bulk.id, "--until", end)
            #expect(send().code == 250, "campaigns count for the organisation alone")
        }
    }

    @Test func `a dry run says what will happen, and counts nothing`() throws {
        try GateProcess.run { gate in
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "3", "--action", "defer")
            let client = try client(gate)
            let recipients = ["b@example.net", "c@example.net"]
            #expect(client.submit(from: "a@example.org", to: recipients, message("two")).code == 250)
            for _ in 0..<3 {
                let fits = try json(PolicyTestView.self, gate, "policy", "test", "--sender", "connector:local", "--recipients", "1")
                #expect(fits.decision == .accept && fits.policy == "default")
                let over = try json(PolicyTestView.self, gate, "policy", "test", "--sender", "connector:local", "--external", "2")
                #expect(over.decision == .defer && over.findings.map(\.rule) == ["limit.external-per-hour"])
                #expect(over.limits.first { $0.name == "external-per-hour" }?.used == 2)
            }
            #expect(client.submit(from: "a@example.org", to: recipients, message("two more")).code == 451, "as it said")
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("one more")).code == 250, "as it said")
            let view = try json(SenderLimitsView.self, gate, "limits", "show", "connector:local")
            #expect(view.limits.first { $0.name == "external-per-hour" }?.used == 3)
            #expect(try gate.command("limits", "top").contains("connector:local"))
        }
    }

    @Test func `what is too fast is accepted at once and goes out later`() throws {
        try GateProcess.run { gate in
            try gate.command("policy", "preset", "standard")
            let client = try client(gate)
            let start = ContinuousClock.now
            for number in 1...31 {
                #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("\(number)")).code == 250)
            }
            // Where the machine stood still for most of a minute, nothing was too fast.
            guard ContinuousClock.now - start < .seconds(50) else { return }
            #expect(try eventually { try gate.queue().count == 1 })
            let slowed = try #require(try gate.queue().first)
            #expect(slowed.subject == "31")
            let due = try #require(Timestamp(rfc3339: slowed.due))
            let received = try #require(Timestamp(rfc3339: slowed.received))
            #expect(due > received && due <= received + .seconds(62))
            let finding = try #require(
                try gate.show(String(slowed.id.prefix(13))).findings.first { $0.rule == "limit.messages-per-minute" })
            #expect(finding.explanation.hasPrefix("Slowed: 30 of 30 messages in any minute were used"))
        }
    }
}
