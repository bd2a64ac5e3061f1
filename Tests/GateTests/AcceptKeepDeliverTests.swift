import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

@Suite("Ordinary mail programs hand mail in; it is kept, delivered and traced", .serialized, .ownThreads)
struct AcceptKeepDeliverTests {
    @Test(.enabled(if: Program.isThere(Program.swaks), "needs swaks"))
    func `swaks in plaintext through a connector`() throws {
        try GateProcess.run { gate in
            let swaks = try self.swaks(gate.port, ["--from", "a@example.org", "--header", "Subject: by swaks"])
            #expect(swaks.status == 0 && swaks.output.contains("250 2.0.0 Kept as"), "\(swaks)")
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 1 && ledger.delivered == 1 && ledger.balanced)
            let line = try #require(try gate.trace().first)
            #expect(line.sender == "connector:local" && line.recipient == "b@example.net" && line.subject == "by swaks")
            #expect(line.status == "delivered" && line.pool == "normal" && line.reply == "250 2.6.0 Message kept" && line.findings == [])
            #expect(!line.id.isEmpty && line.time.hasSuffix("Z"))
        }
    }

    @Test func `the trace as JSON has the fields that other programs rely on`() throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("fields")).code == 250)
            _ = try gate.emptied()
            let output = try gate.command("trace", "--json")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            let names: Set = ["id", "time", "sender", "recipient", "subject", "status", "pool", "reply", "findings"]
            #expect(names.isSubset(of: object.keys), "\(output)")
        }
    }

    @Test(.enabled(if: Program.isThere(Program.swaks), "needs swaks"))
    func `swaks signs in under TLS, by STARTTLS and from the first byte, with PLAIN and LOGIN`() throws {
        try GateProcess.run { gate in
            let account = ["--from", GateProcess.account, "--auth-user", GateProcess.account, "--auth-password", GateProcess.password]
            for (port, options) in [
                (gate.port, ["--tls", "--auth", "PLAIN"]), (gate.port, ["--tls", "--auth", "LOGIN"]),
                (gate.tlsPort, ["--tls-on-connect", "--auth", "PLAIN"]),
            ] {
                let swaks = try self.swaks(port, options + account)
                #expect(swaks.status == 0, "\(options) \(swaks)")
            }
            #expect(try gate.emptied().delivered == 3)
            for line in try gate.trace() {
                #expect(line.sender == GateProcess.account)
                #expect(try gate.show(line.message).tls.hasPrefix("TLSv1."))
            }
        }
    }

    private func swaks(_ port: Int, _ options: [String]) throws -> ProgramRun {
        try Program.run(Program.swaks, ["--server", "127.0.0.1:\(port)", "--to", "b@example.net"] + options)
    }

    @Test(
        .enabled(if: Program.isThere(Program.smtpSource, Program.smtpSink), "needs smtp-source and smtp-sink"),
        arguments: [[], ["-d"]])
    func `smtp-source sends 200 messages by 10 sessions into smtp-sink`(_ connectionMode: [String]) throws {
        try TemporaryDirectory.with { kept in
            let sinkPort = freePort()
            let sink = try startSink(sinkPort, keepingIn: kept)
            defer {
                sink.terminate()
                sink.waitUntilExit()
            }
            try GateProcess.run { gate in
                try gate.route(toPort: sinkPort)
                let load = ["-s", "10", "-m", "200", "-l", "2000", "-f", "a@example.org", "-t", "b@example.net", "127.0.0.1:\(gate.port)"]
                let source = try Program.run(Program.smtpSource, connectionMode + load)
                #expect(source.status == 0, "\(source)")
                let ledger = try gate.emptied()
                #expect(ledger.accepted == 200 && ledger.delivered == 200)
                #expect(try gate.ledger(verified: true).verified == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: kept.path).count == 200)
                #expect(try gate.trace().count == 200)
            }
        }
    }

    private func startSink(_ port: Int, keepingIn directory: URL) throws -> Process {
        let user = getuid() == 0 ? ["-u", "root"] : []
        let sink = try Program.start(
            Program.smtpSink, user + ["-d", directory.path + "/mail.", "127.0.0.1:\(port)", "100"], input: nil, output: nil, errors: nil)
        guard eventually({ (try? SMTPDialogue(port: port)) != nil }) else { throw GateProcess.Failure(description: "no smtp-sink") }
        return sink
    }

    @Test(.enabled(if: Program.isThere(Program.python), "needs \(Program.python)"))
    func `smtplib sends international, 8-bit and many-recipient mail with DSN parameters`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let python = try Program.run(Program.python, ["-c", sendWithSMTPLib, "\(gate.port)"])
            #expect(python.status == 0, "\(python)")
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 6 && ledger.delivered == 6)

            let international = try #require(server.mail(subject: "Grüße"))
            #expect(international.from.contains("<jörg@example.org>") && international.from.contains("SMTPUTF8"))
            #expect(international.addresses == ["用户@例子.example"] || international.addresses == ["用户@xn--fsqu00a.example"])
            let eightBit = try #require(server.mail(subject: "8bit"))
            #expect(eightBit.from.contains("BODY=8BITMIME") && eightBit.text.hasSuffix("\r\n\r\nGrün und weiß.\r\n"))
            let reported = try #require(server.mail(subject: "dsn"))
            #expect(reported.from.contains("RET=HDRS") && reported.from.contains("ENVID=QQ314159"))
            #expect(reported.recipients == ["<one@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@example.net"])
            let several = try #require(server.mail(subject: "several"))
            #expect(several.addresses == ["b@example.net", "c@example.net", "d@example.net"])
        }
    }

    @Test func `an 8-bit message is made 7-bit for a host that takes no more`() throws {
        let server = ScriptedServer { $0.serve(extensions: ["PIPELINING"]) }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
            let text = message("seven", fields: fields).replacingOccurrences(of: "Hello.", with: "Grün.")
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], text, parameters: " BODY=8BITMIME").code == 250)
            #expect(try gate.emptied().delivered == 1)
            let mail = try #require(server.mails.first)
            #expect(mail.content.allSatisfy { $0 < 0x80 } && !mail.from.contains("BODY"))
            #expect(mail.text.contains("Gr=C3=BCn.") || mail.text.contains("R3LDvG4u"))
        }
    }

    @Test func `the gate adds Received, Date and Message-ID, takes Bcc out, and signs`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(
                client.submit(from: "a@example.org", to: ["b@example.net"], message("bare", fields: "Bcc: secret@example.net\r\n")).code
                    == 250)
            #expect(try gate.emptied().delivered == 1)
            let mail = try #require(server.mails.first)
            for field in ["Received", "Date", "Message-ID", "DKIM-Signature"] { #expect(mail.field(field) != nil, "\(field)") }
            #expect(mail.field("Bcc") == nil && !mail.text.contains("secret@example.net"))
            #expect(mail.text.contains("d=example.org"))
            #expect(mail.text.hasSuffix("From: a@example.org\r\nTo: someone@example.net\r\nSubject: bare\r\n\r\nHello.\r\n"))
        }
    }
}

private let sendWithSMTPLib = """
    import email.policy, smtplib, sys
    from email.message import EmailMessage
    smtp = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=60)
    smtp.ehlo('client.example.org')

    international = EmailMessage()
    international['From'], international['To'] = 'Jörg <jörg@example.org>', '用户@例子.example'
    international['Subject'] = 'Grüße'
    international.set_content('Hallo.')
    smtp.sendmail('jörg@example.org', ['用户@例子.example'], international.as_bytes(policy=email.policy.SMTPUTF8),
                  mail_options=['SMTPUTF8', 'BODY=8BITMIME'])

    eight_bit = ('From: a@example.org\\r\\nTo: b@example.net\\r\\nSubject: 8bit\\r\\nMIME-Version: 1.0\\r\\n'
                 'Content-Type: text/plain; charset=utf-8\\r\\nContent-Transfer-Encoding: 8bit\\r\\n\\r\\nGrün und weiß.\\r\\n')
    smtp.sendmail('a@example.org', ['b@example.net'], eight_bit.encode(), mail_options=['BODY=8BITMIME'])

    def plain(subject):
        return f'From: a@example.org\\r\\nTo: b@example.net\\r\\nSubject: {subject}\\r\\n\\r\\nHello.\\r\\n'.encode()

    smtp.sendmail('a@example.org', ['one@example.net'], plain('dsn'), mail_options=['RET=HDRS', 'ENVID=QQ314159'],
                  rcpt_options=['NOTIFY=SUCCESS,FAILURE', 'ORCPT=rfc822;first@example.net'])
    refused = smtp.sendmail('a@example.org', ['b@example.net', 'c@example.net', 'd@example.net'], plain('several'))
    assert refused == {}, refused
    smtp.quit()
    """
