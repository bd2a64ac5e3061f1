import Foundation
import GateSupport
import MailModel
import PosternRuntime
import Testing

/// TLS policies of others, against a real authoritative server with a signed zone, a policy over HTTPS, and mail hosts with certificates of
/// all kinds.
@Suite("TLS policies of others", .serialized, .enabled(if: TLSWorld.isThere, "nsd and ldnsutils are not installed"))
struct TLSPolicyTests {
    private func run(_ settings: [String] = [], _ body: (GateProcess, TLSWorld) throws -> Void) throws {
        let world = try TLSWorld()
        defer { world.stop() }
        try GateProcess.run(world.settings + settings) { gate in
            try gate.command("routes", "add", "out", "--mx")
            try body(gate, world)
        }
    }

    /// Submits one message and says what became of it: the findings of its trace once it is delivered, or what keeps it.
    private func send(_ gate: GateProcess, to domain: String) throws -> (isDelivered: Bool, story: String) {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.submit(from: "a@example.org", to: ["b@\(domain)"], message("for \(domain)")).code == 250)
        var line: TraceLine?
        let isDone = try eventually {
            line = try gate.trace("--recipient", "b@\(domain)", "--limit", "1").first
            return line.map { $0.status == "delivered" || !$0.reply.isEmpty } ?? false
        }
        #expect(isDone, "an attempt ends")
        let found = try #require(line)
        return (found.status == "delivered", try gate.command("explain", found.id))
    }

    @Test func `a host under DANE is proved by its TLSA records, and nothing else will do`() throws {
        try run { gate, world in
            try world.set("tls-\(TLSWorld.dane)", "self-signed")
            let own = try send(gate, to: "dane.example")
            #expect(own.isDelivered && own.story.contains("tls.verified") && own.story.contains("usage 3"), "\(own.story)")
            try world.set("tls-\(TLSWorld.authority)", "other-authority")
            let authority = try send(gate, to: "ta.dane.example")
            #expect(authority.isDelivered && authority.story.contains("usage 2"), "\(authority.story)")
            // The records stand where the alias leads to.
            try world.set("tls-\(TLSWorld.alias)", "self-signed")
            let alias = try send(gate, to: "alias.dane.example")
            #expect(alias.isDelivered && alias.story.contains("usage 3"), "\(alias.story)")
            // Usage 1 is none that a mail host can be proved by: any certificate will do, but no plaintext.
            let odd = try send(gate, to: "odd.dane.example")
            #expect(odd.isDelivered && odd.story.contains("none of them can be used"), "\(odd.story)")
            #expect(world.mails.count == 4 && world.mails.allSatisfy { $0.contains(" tls") })
        }
        try run { gate, world in
            // A certificate that the web would trust is not the one of the records.
            let other = try send(gate, to: "dane.example")
            #expect(!other.isDelivered && other.story.contains("not one that the TLSA records name"), "\(other.story)")
            try world.set("tls-\(TLSWorld.authority)", "self-signed")
            #expect(try !send(gate, to: "ta.dane.example").isDelivered)
            try world.set("tls-\(TLSWorld.odd)", "none")
            let stripped = try send(gate, to: "odd.dane.example")
            #expect(!stripped.isDelivered && stripped.story.contains("STARTTLS"), "\(stripped.story)")
            #expect(world.mails.isEmpty)
        }
    }

    @Test(arguments: ["expired", "wrong-name", "self-signed", "other-authority", "none"])
    func `a policy in mode enforce keeps mail back from a host that does not hold it`(kind: String) throws {
        try run { gate, world in
            try world.set("tls-\(TLSWorld.sts)", kind)
            let kept = try send(gate, to: "sts.example")
            #expect(!kept.isDelivered && kept.story.contains("4.7.") && kept.story.contains("mode enforce"), "\(kept.story)")
            #expect(world.mails.isEmpty && world.fetches == ["mta-sts.sts.example:\(world.httpsPort) /.well-known/mta-sts.txt"])
        }
    }

    @Test func `a policy holds over a restart and while it cannot be fetched anew`() throws {
        try run { gate, world in
            let first = try send(gate, to: "sts.example")
            #expect(first.isDelivered && first.story.contains("tls.verified") && first.story.contains("mode enforce"), "\(first.story)")
            #expect(world.mails == ["\(TLSWorld.sts) tls "] || world.mails == ["\(TLSWorld.sts) tls"])
            #expect(gate.stop() == 0)
            try world.set("policy-status", "500")
            try world.set("tls-\(TLSWorld.sts)", "none")
            try gate.start()
            #expect(try !send(gate, to: "sts.example").isDelivered)
            #expect(world.fetches.count == 1 && world.mails.count == 1)
        }
    }

    @Test(arguments: [("302", "text/plain", "good"), ("200", "text/html", "good"), ("200", "text/plain", "self-signed")])
    func `what is not served as a policy is none`(status: String, type: String, certificate: String) throws {
        try run { gate, world in
            try world.set("policy-status", status)
            try world.set("policy-type", type)
            try world.set("tls-policy", certificate)
            try world.set("tls-\(TLSWorld.sts)", "none")
            let sent = try send(gate, to: "sts.example")
            #expect(sent.isDelivered && sent.story.contains("tls.plaintext"), "\(sent.story)")
        }
    }

    @Test func `a policy names its hosts, and in mode testing forbids nothing`() throws {
        try run { gate, world in
            try world.set("policy", "version: STSv1\nmode: enforce\nmx: *.other.example\nmax_age: 86400\n")
            let unnamed = try send(gate, to: "sts.example")
            #expect(!unnamed.isDelivered && unnamed.story.contains("does not name its mail host mx.sts.example"), "\(unnamed.story)")
        }
        try run { gate, world in
            try world.set("policy", "version: STSv1\nmode: testing\nmx: mx.sts.example\nmax_age: 86400\n")
            try world.set("tls-\(TLSWorld.sts)", "expired")
            let sent = try send(gate, to: "sts.example")
            #expect(sent.isDelivered && sent.story.contains("mode testing") && sent.story.contains("expired"), "\(sent.story)")
        }
    }

    /// Some mail hosts lose their TLS; who may have taken it is not known.
    @Test func `a host that has shown a good certificate is not spoken to in plaintext`() throws {
        try run { gate, world in
            let first = try send(gate, to: "plain.example")
            #expect(first.isDelivered && first.story.contains("tls.verified"))
            #expect(gate.stop() == 0)
            try world.set("tls-\(TLSWorld.plain)", "none")
            try gate.start()
            let kept = try send(gate, to: "plain.example")
            #expect(!kept.isDelivered && kept.story.contains("nothing goes there in plaintext"), "\(kept.story)")
            #expect(try eventually { try gate.tried(["alerts", "--json"]).output.contains("tls-lost") })
            #expect(gate.stop() == 0)
            try gate.start(["delivery.tls-lost=deliver"])
            let sent = try send(gate, to: "plain.example")
            #expect(sent.isDelivered && sent.story.contains("tls.plaintext"), "\(sent.story)")
            #expect(world.mails.map { $0.split(separator: " ")[1] } == ["tls", "plain"])
        }
    }

    @Test func `REQUIRETLS goes to hosts that are known for true and take it, and nowhere else`() throws {
        try run { gate, world in
            func submit(_ domain: String, _ header: String = "") throws {
                let content = "From: a@example.org\r\nTo: b@\(domain)\r\nSubject: x\r\n\(header)\r\ntext\r\n"
                let file = gate.directory.appendingPathComponent("mail.eml")
                try Data(content.utf8).write(to: file)
                let run = try Program.run(
                    Program.python,
                    ["-c", TLSPolicyTests.requiring, "\(gate.port)", "b@\(domain)", header.isEmpty ? "REQUIRETLS" : "", file.path])
                #expect(run.status == 0, "\(run)")
            }
            func state(_ domain: String) throws -> TraceLine? {
                var line: TraceLine?
                _ = try eventually {
                    line = try gate.trace("--recipient", "b@\(domain)", "--limit", "1").first
                    return line.map { $0.status == "delivered" || !$0.reply.isEmpty } ?? false
                }
                return line
            }
            try world.set("requiretls", "yes")
            try submit("sts.example")
            #expect(try state("sts.example")?.status == "delivered")
            #expect(world.mails == ["\(TLSWorld.sts) tls REQUIRETLS"])
            // Neither DNSSEC nor MTA-STS says that the host is the domain's.
            try submit("plain.example")
            #expect(try state("plain.example")?.reply.contains("5.7.10") == true)
            try world.set("requiretls", nil)
            try world.set("tls-\(TLSWorld.dane)", "self-signed")
            try submit("dane.example")
            #expect(try state("dane.example")?.reply.contains("5.7.30") == true)
            // The sender would rather have it delivered than protected.
            try world.set("tls-\(TLSWorld.odd)", "none")
            try submit("odd.dane.example", "TLS-Required: No\r\n")
            #expect(try state("odd.dane.example")?.status == "delivered")
        }
    }

    private static let requiring = """
        import smtplib, ssl, sys
        client = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client.ehlo()
        assert not client.has_extn("requiretls")
        client.starttls(context=context)
        client.ehlo()
        assert client.has_extn("requiretls")
        options = [sys.argv[3]] if sys.argv[3] else []
        client.sendmail("a@example.org", [sys.argv[2]], open(sys.argv[4], "rb").read(), mail_options=options)
        client.quit()
        """

    @Test func `what holds for a domain can be asked, and what was seen is counted`() throws {
        try run { gate, world in
            func check(_ domain: String) throws -> (status: Int32, check: TLSCheck) {
                let run = try gate.tried(["tls", "check", domain, "--json"])
                return (run.status, try JSONDecoder().decode(TLSCheck.self, from: Data(run.output.utf8)))
            }
            try world.set("tls-\(TLSWorld.dane)", "self-signed")
            let dane = try check("dane.example")
            #expect(dane.status == 0 && dane.check.passes && dane.check.policy == "dane" && dane.check.hosts.first?.trust == "daneHost")
            try world.set("tls-\(TLSWorld.sts)", "expired")
            let sts = try check("sts.example")
            #expect(sts.status != 0 && !sts.check.passes && sts.check.policy == "mta-sts" && sts.check.mtaSTSMode == "enforce")
            #expect(sts.check.hosts.first?.fault == "certificate-expired")
            #expect(try check("plain.example").check.policy == "none")
            #expect(try !send(gate, to: "sts.example").isDelivered)
            #expect(try send(gate, to: "dane.example").isDelivered)
            // A clean stop writes down what was counted.
            #expect(gate.stop() == 0)
            let day = Timestamp.now.rfc3339.prefix(10)
            let lines = try gate.command("tls", "report", "--date", String(day), "--json").split(separator: "\n")
            let reports = try lines.map { try JSONDecoder().decode(TLSReport.self, from: Data($0.utf8)) }
            let failed = reports.first { $0.policies.contains { $0.policy.domain == "sts.example" } }?.policies.first
            #expect(failed?.policy.type == "sts" && failed?.summary.failed == 1 && failed?.failures.first?.type == "certificate-expired")
            let good = reports.first { $0.policies.contains { $0.policy.domain == "dane.example" } }?.policies.first
            #expect(good?.policy.type == "tlsa" && good?.summary.good == 1)
        }
    }
}
