import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// TLS policies of others, against a real authoritative server with a signed zone, a policy over HTTPS, and mail hosts with certificates of
/// all kinds.
@Suite("TLS policies of others", .serialized, .ownThreads, .enabled(if: TLSWorld.isThere, "nsd and ldnsutils are not installed"))
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

    /// Nothing is asked anew between the two: the look-up of the first is good for five minutes.
    @Test func `one good certificate is enough, whatever look-up is cached`() throws {
        try run { gate, world in
            try world.set("hang-up", "yes")
            let first = try send(gate, to: "plain.example")
            #expect(first.isDelivered && first.story.contains("tls.verified"))
            try world.set("tls-\(TLSWorld.plain)", "none")
            let kept = try send(gate, to: "plain.example")
            #expect(!kept.isDelivered && kept.story.contains("nothing goes there in plaintext"), "\(kept.story)")
            #expect(world.mails.count == 1)
            #expect(try eventually { try gate.tried(["alerts", "--json"]).output.contains("mail for it waits") })
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
            // The other host of two passes it on.
            try world.set("tls-\(TLSWorld.alias)", "self-signed")
            try world.set("requiretls-\(TLSWorld.alias)", "yes")
            try submit("two.dane.example")
            #expect(try state("two.dane.example")?.status == "delivered")
            #expect(world.mails.last == "\(TLSWorld.alias) tls REQUIRETLS")
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

    @Test func `a preflight has a step for TLS, with the policy that holds and what is missing`() throws {
        try run { gate, world in
            func step(_ domain: String) throws -> RouteTestStep? {
                let words = ["routes", "preflight", "out", "--sender", "a@example.org", "--recipient", "b@\(domain)", "--json"]
                let lines = try gate.tried(words).output.split(separator: "\n")
                return try lines.map { try JSONDecoder().decode(RouteTestStep.self, from: Data($0.utf8)) }.first { $0.stage == "tls" }
            }
            let good = try step("sts.example")
            #expect(good?.ok == true && good?.text.contains("mode enforce") == true && good?.advice == nil, "\(String(describing: good))")
            try world.set("tls-\(TLSWorld.plain)", "none")
            let plain = try step("plain.example")
            #expect(plain?.ok == true && plain?.text.contains("plaintext") == true && plain?.advice?.contains("STARTTLS") == true)
            for (kind, advice) in [("expired", "renew"), ("wrong-name", "bear that name"), ("other-authority", "that everybody trusts")] {
                try world.set("tls-\(TLSWorld.sts)", kind)
                let bad = try step("sts.example")
                #expect(bad?.ok == false && bad?.advice?.contains(advice) == true, "\(String(describing: bad))")
            }
            let dane = try step("dane.example")
            #expect(dane?.ok == false && dane?.advice?.contains("TLSA records of mx.dane.example") == true, "\(String(describing: dane))")
        }
    }

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

    /// A quarter of an hour after midnight the gate has sent the day's reports, and none of the hours before are left to it.
    static var isReportTime: Bool { Timestamp.now.seconds % 86_400 > 1000 }

    @Test(.enabled(if: isReportTime)) func `a day's reports go out by mail and by HTTPS, and others can read them`() throws {
        try run(["tls-reports.send=true"]) { gate, world in
            try world.set("tls-\(TLSWorld.sts)", "expired")
            try world.set("tls-\(TLSWorld.dane)", "self-signed")
            #expect(try !send(gate, to: "sts.example").isDelivered)
            #expect(try send(gate, to: "dane.example").isDelivered)
            #expect(gate.stop() == 0)
            // As if it had been yesterday.
            let store = gate.directory.appendingPathComponent("postern.sqlite").path
            let moved = try Program.run(Program.python, ["-c", TLSPolicyTests.yesterday, store])
            #expect(moved.status == 0, "\(moved)")
            try gate.start()
            // The host has no good certificate still: news of that goes there all the same.
            #expect(eventually { FileManager.default.fileExists(atPath: world.path("mailed")) && !world.posts.isEmpty })
            #expect(world.posts == ["/tlsrpt application/tlsrpt+gzip"])
            try Data(try gate.command("dkim", "show", "example.org").utf8).write(to: URL(fileURLWithPath: world.path("records")))
            let read = try Program.run(Program.python, ["-c", TLSPolicyTests.reader, world.path("")])
            let day = (Timestamp.now - .seconds(86_400)).rfc3339.prefix(10)
            #expect(
                read.output.split(separator: "\n").map(String.init) == [
                    "sts.example gate.example.org signed", "gate.example.org \(day)T00:00:00Z \(day)T23:59:59Z",
                    "sts sts.example 0 1 certificate-expired mx.sts.example \(TLSWorld.sts) 1",
                    "gate.example.org \(day)T00:00:00Z \(day)T23:59:59Z",
                    "tlsa dane.example 1 0",
                ], "\(read)")
            // Once each, whatever starts and stops.
            #expect(gate.stop() == 0)
            _ = try Program.run(Program.python, ["-c", TLSPolicyTests.yesterday, store])
            try gate.start()
            #expect(try send(gate, to: "dane.example").isDelivered)
            #expect(world.posts.count == 1)
        }
    }

    private static let yesterday = """
        import sqlite3, sys
        store = sqlite3.connect(sys.argv[1], timeout=60)
        store.execute("UPDATE tls_session SET day = day - 1")
        store.execute("DELETE FROM task WHERE name = 'tls-reports'")
        store.commit()
        """

    /// Python's own readers of mail, gzip and JSON; dkimpy where it is there.
    private static let reader = """
        import email, email.policy, glob, gzip, json, re, sys
        folder = sys.argv[1]
        raw = open(folder + "/mailed", "rb").read()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "tlsrpt"
        assert "d=example.org" in mail["DKIM-Signature"]
        try:
            import dkim
            lines = open(folder + "/records").read().split("\\n")
            records = {name.strip(): value.strip() for name, value in zip(lines, lines[1:]) if "_domainkey" in name}
            signed = dkim.DKIM(raw).verify(dnsfunc=lambda name, timeout=5: records[name.decode().rstrip(".")].encode())
        except ImportError:
            signed = True
        print(mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"], "signed" if signed else "not signed")
        [part] = [part for part in mail.walk() if part.get_content_type() == "application/tlsrpt+gzip"]
        assert part.get_filename().startswith("gate.example.org!sts.example!") and part.get_filename().endswith(".json.gz")
        for octets in (part.get_content(), open(folder + "/posted", "rb").read()):
            report = json.loads(gzip.decompress(octets))
            print(report["organization-name"], report["date-range"]["start-datetime"], report["date-range"]["end-datetime"])
            assert report["contact-info"] and report["report-id"]
            for entry in report["policies"]:
                policy, summary = entry["policy"], entry["summary"]
                words = [policy["policy-type"], policy["policy-domain"], summary["total-successful-session-count"],
                         summary["total-failure-session-count"]]
                for failure in entry.get("failure-details", []):
                    words += [failure["result-type"], failure["receiving-mx-hostname"], failure["receiving-ip"], failure["failed-session-count"]]
                print(*words)
                assert policy["policy-string"]
        """
}
