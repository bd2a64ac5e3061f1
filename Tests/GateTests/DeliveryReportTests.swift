import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Who is told of what (RFC 3461, RFC 3464), read by Python's email package.
@Suite("Delivery reports", .serialized, .ownThreads, .enabled(if: Program.isThere(Program.python), "needs \(Program.python)"))
struct DeliveryReportTests {
    /// Refuses `gone@`, defers `full@`, takes the rest.
    private func makeServer(offersDSN: Bool = false) -> ScriptedServer {
        ScriptedServer { peer in
            let extensions = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"] + (offersDSN ? ["DSN"] : [])
            peer.serve(extensions: extensions) { step in
                guard case .command(let line) = step else { return nil }
                if line.hasPrefix("RCPT TO:<gone@") { return .say("550 5.1.1 No such user here") }
                if line.hasPrefix("RCPT TO:<full@") { return .say("452 4.2.2 Mailbox full") }
                return nil
            }
        }
    }

    /// Submits one message to each recipient, with its RCPT parameters; a second message, `end`, shows that all reports are out.
    private func submit(
        _ gate: GateProcess, from sender: String = "a@example.org", to recipients: [String], parameters: String = ""
    ) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.say("MAIL FROM:<\(sender)>\(parameters)").code == 250)
        for recipient in recipients { #expect(client.say("RCPT TO:\(recipient)").code == 250) }
        #expect(client.say("DATA").code == 354)
        client.stream.write(stuffed(Array(message("reported", fields: "X-Kept: yes\r\n").utf8)))
        #expect(client.reply().code == 250)
    }

    /// The reports that came to the server, as Python reads them.
    private func reports(_ server: ScriptedServer) throws -> [Report] {
        try server.mails.filter { $0.from.hasPrefix("<>") }.map { mail in
            let run = try TemporaryDirectory.with { directory in
                let file = directory.appendingPathComponent("report.eml")
                try Data(mail.content).write(to: file)
                return try Program.run(Program.python, ["-c", readReport, file.path])
            }
            guard run.status == 0 else { throw GateProcess.Failure(description: "\(run)\n\(mail.text)") }
            return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
        }
    }

    private struct Report: Decodable {
        var to: String
        var autoSubmitted: String
        var envelopeID: String
        var recipients: [[String: String]]
        var words: String
        var returned: String
        var returnedType: String
    }

    @Test func `a bounce comes to the sender as a report that a program can read`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(
                gate, to: ["<gone@example.net> ORCPT=rfc822;old@example.net", "<good@example.net>"], parameters: " RET=FULL ENVID=QQ314")
            #expect(try eventually { try gate.ledger().accepted == 3 })
            let ledger = try gate.emptied()
            #expect(ledger.bounced == 1 && ledger.delivered == 2)
            let report = try #require(try reports(server).first)
            #expect(report.to == "a@example.org" && report.autoSubmitted == "auto-replied" && report.envelopeID == "QQ314")
            #expect(report.recipients.count == 1)
            let fields = try #require(report.recipients.first)
            #expect(fields["final-recipient"] == "rfc822; gone@example.net" && fields["original-recipient"] == "rfc822; old@example.net")
            #expect(fields["action"] == "failed" && fields["status"] == "5.1.1")
            #expect(fields["diagnostic-code"]?.contains("550 5.1.1 No such user here") == true)
            #expect(report.words.contains("gone@example.net") && !report.words.contains("good@example.net"))
            #expect(
                report.returnedType == "message/rfc822" && report.returned.contains("X-Kept: yes") && report.returned.contains("Hello."))
        }
    }

    @Test func `RET=HDRS returns the header alone`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, to: ["<gone@example.net>"], parameters: " RET=HDRS")
            #expect(eventually { server.mailCount == 1 })
            let report = try #require(try reports(server).first)
            #expect(
                report.returnedType == "text/rfc822-headers" && report.returned.contains("X-Kept: yes")
                    && !report.returned.contains("Hello."))
        }
    }

    @Test(arguments: [
        ("", "<gone@example.net>"), ("a@example.org", "<gone@example.net> NOTIFY=NEVER"),
        ("a@example.org", "<gone@example.net> NOTIFY=SUCCESS,DELAY"),
    ])
    func `no report where there is nobody to tell, or who asked not to be told`(sender: String, recipient: String) throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, from: sender, to: [recipient])
            let ledger = try gate.emptied()
            // A report is stored with the outcome that it tells of, so that one would be counted here.
            #expect(ledger.bounced == 1 && ledger.accepted == 1)
            #expect(server.mailCount == 0)
        }
    }

    @Test func `a report that bounces is reported to nobody`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, from: "gone@example.org", to: ["<gone@example.net>"])
            #expect(try eventually { try gate.ledger().bounced == 2 })
            #expect(try gate.emptied().accepted == 2)
        }
    }

    @Test func `success is reported where it was asked for and the next host will not`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, to: ["<good@example.net> NOTIFY=SUCCESS", "<quiet@example.net>"])
            #expect(try eventually { try gate.ledger().accepted == 3 })
            #expect(try gate.emptied().delivered == 3)
            let report = try #require(try reports(server).first)
            #expect(report.recipients.map { $0["action"] } == ["relayed"])
            #expect(report.recipients.first?["status"]?.hasPrefix("2.") == true)
        }
    }

    @Test func `a next host that reports itself is asked to, and we do not`() throws {
        let server = makeServer(offersDSN: true)
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, to: ["<good@example.net> NOTIFY=SUCCESS"])
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 1 && ledger.delivered == 1)
            #expect(server.mails.first?.recipients == ["<good@example.net> NOTIFY=SUCCESS"])
        }
    }

    @Test func `what cannot be delivered in time expires and is reported`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(["delivery.expire=1s", "delivery.retry=1s", "delivery.warn-after=0s"]) { gate in
            try gate.route(to: server)
            try submit(gate, to: ["<full@example.net>"])
            #expect(try eventually { try gate.ledger().expired == 1 })
            #expect(try gate.emptied().delivered == 1)
            let report = try #require(try reports(server).first)
            #expect(report.recipients.first?["action"] == "failed" && report.recipients.first?["status"]?.hasPrefix("4.") == true)
            #expect(report.recipients.first?["diagnostic-code"]?.contains("452 4.2.2 Mailbox full") == true)
            #expect(try gate.trace("--status", "expired").first?.recipient == "full@example.net")
        }
    }

    @Test func `a delay is told once, and the mail goes on waiting`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(["delivery.retry=1s", "delivery.warn-after=1s"]) { gate in
            try gate.route(to: server)
            try submit(gate, to: ["<full@example.net>"])
            #expect(eventually { server.mailCount == 1 })
            let attempts = try #require(try gate.queue().first?.attempts)
            #expect(try eventually { try gate.queue().first?.attempts ?? 0 > attempts + 1 })
            let reports = try reports(server)
            #expect(reports.count == 1 && reports.first?.recipients.first?["action"] == "delayed")
            #expect(reports.first?.recipients.first?["will-retry-until"] != nil)
            #expect(try gate.queue().map { $0.recipient } == ["full@example.net"])
        }
    }
}

private let readReport = """
    import email, json, sys
    message = email.message_from_bytes(open(sys.argv[1], 'rb').read())
    assert not message.defects, message.defects
    assert message.get_content_type() == 'multipart/report' and message.get_param('report-type') == 'delivery-status', message['Content-Type']
    words, status, returned = message.get_payload()
    assert status.get_content_type() == 'message/delivery-status'
    about, *recipients = status.get_payload()
    recipients = [r for r in recipients if r.keys()]
    content = returned.get_payload()
    content = content[0].as_string() if isinstance(content, list) else content
    print(json.dumps({
        'to': message['To'].strip('<>'), 'autoSubmitted': message['Auto-Submitted'] or '', 'envelopeID': about['Original-Envelope-Id'] or '',
        'recipients': [{k.lower(): ' '.join(v.split()) for k, v in r.items()} for r in recipients],
        'words': words.get_payload(decode=True).decode(), 'returned': content, 'returnedType': returned.get_content_type(),
    }))
    """
