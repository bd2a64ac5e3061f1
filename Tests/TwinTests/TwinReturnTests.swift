import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Bulk mail to receivers that refuse, bounce later, complain and answer: what each way back does to the suppression list.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct TwinReturnTests {
    private static func world(returns port: Int) -> String {
        """
        dns: 0
        http: 0
        smtp: 0
        twins:
          - {provider: gmail, address: 127.0.22.1}
          - {provider: outlook, address: 127.0.22.2}
          - {provider: yahoo, address: 127.0.22.3}
        returns: {port: \(port), complaints: complaints@example.org}
        records:
          - {name: example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}
          - {name: bounces.example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}
        """
    }

    private struct Entry: Decodable {
        var address: String
        var reason: String
    }

    private static let recipients = [
        "unknown-1@gmail.com", "unknown-2@outlook.com", "unknown-3@yahoo.com", "late-unknown-1@gmail.com", "late-unknown-2@outlook.com",
        "late-full@gmail.com", "late-blocked@gmail.com", "full@outlook.com", "complains@yahoo.com", "complains@outlook.com",
        "complains@gmail.com", "away@yahoo.com", "fine@gmail.com",
    ]

    @Test func `the dead and those who complain are suppressed, and nobody for what is our own fault`() throws {
        try TemporaryDirectory.with { directory in
            let port = freePort()
            let file = directory.appendingPathComponent("world.yaml")
            try Data(TwinReturnTests.world(returns: port).utf8).write(to: file)
            let twins = try TwinWorldProcess(file, in: directory)
            defer { twins.stop() }
            let settings = [
                "delivery.resolver=127.0.0.1@\(twins.dns)", "delivery.port=\(twins.smtp)", "bulk.return-path-domain=bounces.example.org",
                "reports.port=\(port)", "reports.complaint-addresses=complaints@example.org",
                "reports.complaint-sources=arf.mail.yahoo.com,outlook.com",
            ]
            try GateProcess.run(settings) { gate in
                try gate.command("routes", "add", "world", "--mx", "--allow-special-addresses")
                try gate.command("suppressions", "policy", "set", "--hard-bounces", "0,0,0", "--complaints", "0,0,0")
                try gate.command("connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
                let client = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
                client.open()
                for recipient in TwinReturnTests.recipients {
                    let reply = client.submit(from: "news@example.org", to: [recipient], message("to \(recipient)"))
                    #expect(reply.code == 250, "\(reply)")
                }
                _ = try gate.emptied()
                let expected = [
                    "complains@outlook.com complaint", "complains@yahoo.com complaint", "late-unknown-1@gmail.com address-dead",
                    "late-unknown-2@outlook.com address-dead", "unknown-1@gmail.com address-dead", "unknown-2@outlook.com address-dead",
                    "unknown-3@yahoo.com address-dead",
                ]
                var found: [String] = []
                let isThere = try eventually {
                    found = try TwinReturnTests.suppressed(gate)
                    return found == expected
                }
                #expect(isThere, "\(found)")
                // Each of those that came back stands there: two late bounces of the dead, two of others, two complaints, one answer.
                #expect(try eventually { try gate.command("returned", "list", "--json").split(separator: "\n").count == 7 })
                #expect(try TwinReturnTests.suppressed(gate) == expected)
                #expect(try twins.call("GET", "/v1/state").contains("\"sent\":7"))
            }
        }
    }

    private static func suppressed(_ gate: GateProcess) throws -> [String] {
        try gate.command("suppressions", "list", "--json").split(separator: "\n").map {
            let entry = try JSONDecoder().decode(Entry.self, from: Data($0.utf8))
            return "\(entry.address) \(entry.reason)"
        }.sorted()
    }
}
