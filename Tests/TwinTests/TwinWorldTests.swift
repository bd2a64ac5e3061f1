import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Several twins with their DNS, and a gate that finds them by it.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct TwinWorldTests {
    private static let world = """
        dns: 0
        http: 0
        smtp: 0
        twins:
          - {provider: gmail, address: 127.0.21.1}
          - {provider: outlook, address: 127.0.21.2}
          - {provider: yahoo, address: 127.0.21.3}
          - {provider: apple, address: 127.0.21.4}
          - {provider: exchange-online, address: 127.0.21.5, port: 0, mailboxes: people.csv}
        records:
          - {name: _dmarc.example.org, type: TXT, value: "v=DMARC1; p=reject"}
          - {name: _dmarc.open.test, type: TXT, value: "v=DMARC1; p=quarantine"}
          - {name: open.test, type: TXT, value: "v=spf1 include:senders.test ~all"}
          - {name: senders.test, type: TXT, value: "v=spf1 a:out.senders.test -all"}
          - {name: out.senders.test, type: A, value: 127.0.0.1}
        """

    private func start(in directory: URL) throws -> TwinWorldProcess {
        let file = directory.appendingPathComponent("world.yaml")
        try Data(TwinWorldTests.world.utf8).write(to: file)
        try Data("address,password,full\nkim@northwind.test,secret,yes\n".utf8).write(to: directory.appendingPathComponent("people.csv"))
        return try TwinWorldProcess(file, in: directory)
    }

    private static func message(_ from: String) -> String { "From: \(from)\r\nSubject: hello\r\n\r\nhello  world\r\n\r\n" }

    @Test func `a gate finds them by MX, and each verifies what it gets`() throws {
        try TemporaryDirectory.with { directory in
            let world = try start(in: directory)
            defer { world.stop() }
            let settings = ["delivery.resolver=127.0.0.1@\(world.dns)", "delivery.port=\(world.smtp)"]
            try GateProcess.run(settings) { gate in
                try gate.command("routes", "add", "world", "--mx", "--allow-special-addresses")
                let lines = try gate.command("dkim", "add", "example.org", "--selector", "s1").split(separator: "\n")
                for (name, record) in zip(lines, lines.dropFirst()) where name.hasSuffix("example.org") {
                    let fields = ["name": "\(name)", "type": "TXT", "value": record.trimmingCharacters(in: .whitespaces)]
                    let body = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
                    #expect(try world.call("POST", "/v1/records", body).contains("_domainkey"))
                }
                let client = try SMTPDialogue(port: gate.port)
                #expect(client.open().code == 250)
                let everyone = ["a@gmail.com", "b@outlook.com", "c@yahoo.com", "d@icloud.com"]
                #expect(client.submit(from: "alice@example.org", to: everyone, TwinWorldTests.message("alice@example.org")).code == 250)
                // Of a domain that lets the gate's address send, and signs nothing.
                #expect(client.submit(from: "x@open.test", to: ["a@gmail.com"], TwinWorldTests.message("x@open.test")).code == 250)
                // Of a domain that says nothing at all.
                #expect(client.submit(from: "x@silent.test", to: ["a@gmail.com"], TwinWorldTests.message("x@silent.test")).code == 250)
                let ledger = try gate.emptied()
                #expect(ledger.delivered >= 5, "\(ledger)")
                for twin in ["gmail", "outlook", "yahoo", "apple"] {
                    let messages = try world.call("GET", "/\(twin)/v1/messages")
                    #expect(messages.contains("\"sender\":\"alice@example.org\"") && messages.contains("inbox"), "\(twin) \(messages)")
                }
                #expect(try world.call("GET", "/gmail/v1/messages/twin1").hasPrefix("Authentication-Results: mx.google.com; spf="))
                let trace = try gate.trace("--sender", "x@silent.test")
                #expect(trace.contains { "\($0)".contains("5.7.26") }, "\(trace)")
            }
        }
    }

    @Test func `the world has one clock, one page, and mailboxes of a file`() throws {
        try TemporaryDirectory.with { directory in
            let world = try start(in: directory)
            defer { world.stop() }
            let before = try world.call("GET", "/v1/state")
            let after = try world.call("POST", "/v1/clock", "{\"seconds\":86400}")
            #expect(before.contains("\"name\":\"gmail\"") && before.prefix(40) != after.prefix(40))
            #expect(try world.call("POST", "/v1/clock", "{\"seconds\":-1}").contains("a year"))
            let state = try world.call("GET", "/exchange-online/v1/state")
            #expect(state.contains("kim@northwind.test") && state.contains("\"full\":true") && !state.contains("anna@contoso.test"))
            #expect(try world.call("GET", "/").contains("gmail-smtp-in.l.google.com"))
            #expect(try world.call("DELETE", "/v1/records", "{\"name\":\"gmail.com\",\"type\":\"MX\"}").contains("yahoo.com"))
            #expect(try !world.call("GET", "/v1/records").contains("\"gmail.com\""))
            #expect(try world.call("POST", "/v1/records", "{\"name\":\"a.test\",\"type\":\"MX\",\"value\":\"x\"}").contains("is no record"))
        }
    }

    @Test(arguments: [
        "twins: []", "twins: [{provider: nobody}]", "twins: [{provider: gmail, address: 192.0.2.1}]", "[",
        "twins: [{provider: gmail}, {provider: gmail}]",
        "twins: [{provider: gmail}]\nrecords: [{name: a.test, type: A, value: x}]",
        "twins: [{provider: exchange-online, mailboxes: nowhere}]",
    ]) func `a file that cannot be is wrong usage`(_ text: String) throws {
        try TemporaryDirectory.with { directory in
            let file = directory.appendingPathComponent("world.yaml")
            try Data(text.utf8).write(to: file)
            let run = try Program.run(Program.postern, ["twin", file.path])
            #expect(run.status == 2 && !run.errors.isEmpty, "\(run)")
        }
    }
}
