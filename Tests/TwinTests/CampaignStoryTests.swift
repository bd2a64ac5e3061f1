import Campaigns
import Foundation
import GateSupport
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Testing

/// A campaign from the file of people to the report, through the twins' providers: what each row says is what they counted.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct CampaignStoryTests {
    private static func world(returns port: Int) -> String {
        """
        clock: 1200x
        dns: 0
        http: 0
        smtp: 0
        twins:
          - {provider: gmail, address: 127.0.24.1}
          - {provider: outlook, address: 127.0.24.2}
          - {provider: yahoo, address: 127.0.24.3}
          - {provider: postfix, address: 127.0.24.4, domains: [example.net, example.org], settings: {greylistSeconds: 0}}
        returns: {port: \(port), complaints: complaints@example.org}
        records:
          - {name: example.org, type: A, value: 127.0.0.1}
          - {name: example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}
          - {name: bounces.example.org, type: TXT, value: "v=spf1 ip4:127.0.0.0/8 -all"}
        """
    }

    /// A hundred readers, and some of each other kind.
    private static let people =
        (0..<100).map { "reader\($0)@\(["gmail.com", "gmail.com", "outlook.com", "yahoo.com", "example.net"][$0 % 5])" }
        + [
            "unknown@gmail.com", "late-unknown@outlook.com", "complains@yahoo.com", "away@gmail.com", "ada@gmial.com", "tired@yahoo.com",
            "not an address", "reader0@gmail.com",
        ]

    private func row<Row: Decodable>(_ gate: GateProcess, _ words: String...) throws -> Row {
        let run = try gate.tried(words + ["--json"])
        guard run.status == 0 else {
            throw GateProcess.Failure(description: "\(words) ended with \(run.status): \(run.output)\(run.errors)")
        }
        return try JSONDecoder().decode(Row.self, from: Data((run.output.split(separator: "\n").first ?? "").utf8))
    }

    private struct Counts: Decodable {
        struct Inner: Decodable {
            var accepted: Int
            var refused: [String: Int]
        }
        var counts: Inner
    }

    private struct Returns: Decodable {
        struct Inner: Decodable {
            var bounces: Int
            var complaints: Int
        }
        var returns: Inner
    }

    @Test func `each row says what its receiver counted`() throws {
        try TemporaryDirectory.with { directory in
            let port = freePort()
            let file = directory.appendingPathComponent("world.yaml")
            try Data(CampaignStoryTests.world(returns: port).utf8).write(to: file)
            let twins = try TwinWorldProcess(file, in: directory)
            defer { twins.stop() }
            let settings = [
                "delivery.resolver=127.0.0.1@\(twins.dns)", "delivery.port=\(twins.smtp)", "bulk.return-path-domain=bounces.example.org",
                "bulk.feedback-sender-id=Northwind1", "campaigns.public-url=https://mail.example.org", "reports.port=\(port)",
                "reports.complaint-addresses=complaints@example.org", "reports.complaint-sources=arf.mail.yahoo.com,outlook.com",
                "scan.sender-domain=false",
            ]
            try GateProcess.run(settings) { gate in
                try gate.command("routes", "add", "world", "--mx", "--allow-special-addresses")
                try gate.command("shaping", "set", "google", "--provider", "google", "--messages", "1200/min")
                try publishKeys(gate, twins)
                try gate.command("suppressions", "add", "tired@yahoo.com")
                let people = directory.appendingPathComponent("people.csv")
                try Data(("email\n" + CampaignStoryTests.people.joined(separator: "\n")).utf8).write(to: people)
                let outcome: ImportOutcome = try row(gate, "lists", "import", people.path, "--list", "news", "--source", "sign-up")
                #expect(outcome.report.taken == 105 && outcome.report.count(.typo) == 1 && outcome.report.count(.suppressed) == 1)
                #expect(try eventually { (try row(gate, "lists", "domains", "news") as ListDomainsView).open == 0 })
                let domains: ListDomainsView = try row(gate, "lists", "domains", "news")
                #expect(domains.findings.map(\.domain) == ["gmial.com"] && domains.domains == 5, "\(domains)")
                try send(gate, directory)
                try look(gate, twins)
            }
        }
    }

    /// Signed mail is what receivers want.
    private func publishKeys(_ gate: GateProcess, _ twins: TwinWorldProcess) throws {
        let lines = try gate.command("dkim", "add", "example.org", "--selector", "s1").split(separator: "\n").map(String.init)
        for (name, value) in zip(lines, lines.dropFirst()) where name.contains("_domainkey") {
            let record = ["name": name, "type": "TXT", "value": value.trimmingCharacters(in: .whitespaces)]
            _ = try twins.call("POST", "/v1/records", String(decoding: JSONEncoder().encode(record), as: UTF8.self))
        }
    }

    private func send(_ gate: GateProcess, _ directory: URL) throws {
        let text = directory.appendingPathComponent("text.md")
        try Data("# News\n\nDear reader, here is what is new in May, as you asked for it.\n".utf8).write(to: text)
        try gate.command(
            "campaign", "create", "spring", "--list", "news", "--from", "Northwind News <news@example.org>", "--subject", "News of May",
            "--content", text.path, "--postal", "1 Main Street\\nTown", "--canary", "30", "--canary-wait", "0")
        let first: ChecklistView = try row(gate, "campaign", "check", "spring")
        #expect(first.red == 0 && first.recipients == 104, "\(first)")
        #expect(first.finishBy == "shaping policy google: 1200 messages per minute" && first.finish > "2026")
        // mail.example.org is not in this world's DNS.
        #expect(first.lines.contains { $0.code == "GM-08" && $0.level == .amber })
        let ticks = first.lines.filter { $0.level == .amber }.flatMap { ["--accept", $0.code] }
        #expect(try gate.tried(["campaign", "check", "spring"] + ticks).status == 0)
        try gate.command("campaign", "pilot", "spring", "--to", "boss@example.net")
        #expect(try eventually { try report(gate).pilot.delivered == 1 })
        try gate.command("campaign", "start", "spring")
        #expect(try eventually { try report(gate).state == .done })
    }

    private func report(_ gate: GateProcess) throws -> CampaignReport { try row(gate, "campaign", "report", "spring") }

    private func look(_ gate: GateProcess, _ twins: TwinWorldProcess) throws {
        var rows: [String: CampaignRecipientView] = [:]
        let isBack = try eventually {
            let lines = try gate.command("campaign", "recipients", "spring", "--json").split(separator: "\n")
            let views = try lines.map { try JSONDecoder().decode(CampaignRecipientView.self, from: Data($0.utf8)) }
            rows = Dictionary(uniqueKeysWithValues: views.map { ($0.address, $0) })
            return rows["late-unknown@outlook.com"]?.state == "bounced" && rows["complains@yahoo.com"]?.complained == true
        }
        #expect(isBack, "\(rows["late-unknown@outlook.com"] as Any) \(rows["complains@yahoo.com"] as Any)")
        #expect(rows["late-unknown@outlook.com"]?.reason.contains("User unknown") == true)
        #expect(rows["complains@yahoo.com"]?.state == "delivered" && rows.values.count(where: \.complained) == 1)
        #expect(rows["ada@gmial.com"]?.state == "skipped" && rows["ada@gmial.com"]?.reason == "its domain does not exist")
        #expect(rows["tired@yahoo.com"] == nil)
        let end = try report(gate)
        let sums = end.sums
        #expect(sums.delivered == 102 && sums.bounced == 2 && sums.skipped == 1 && end.recipients == 105 && rows.count == 105, "\(sums)")
        #expect(end.complaints == 1 && end.hardBounces == 2)
        var accepted = 0
        var refused: [String: Int] = [:]
        for name in ["gmail", "outlook", "yahoo", "postfix"] {
            let counts = try JSONDecoder().decode(Counts.self, from: Data(twins.call("GET", "/\(name)/v1/state").utf8)).counts
            accepted += counts.accepted
            refused.merge(counts.refused, uniquingKeysWith: +)
        }
        let returns = try JSONDecoder().decode(Returns.self, from: Data(twins.call("GET", "/v1/state").utf8)).returns
        // The pilot's is among those taken.
        #expect(accepted == sums.delivered + returns.bounces + 1 && returns.bounces == 1 && returns.complaints == 1)
        #expect(refused == ["550 5.1.1": 1], "\(refused)")
    }
}
