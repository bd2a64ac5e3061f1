import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// Who may submit, and as whom.
@Suite("Submitters and the addresses that they may use", .serialized, .ownThreads)
struct SendAsTests {
    /// Grants nothing but its own domain, to a client on 127.0.0.5.
    private func addOffice(_ gate: GateProcess) throws {
        try gate.command("connectors", "add", "office", "--ip", "127.0.0.5", "--plaintext", "--grant", "@office.example")
    }

    @Test func `a foreign address is refused in each of its places, and the command that the refusal names lets it pass`() throws {
        try GateProcess.run { gate in
            try addOffice(gate)
            let client = try SMTPDialogue(port: gate.port, from: "127.0.0.5")
            client.open()
            let foreign = "boss@other.example"
            let places = [
                ("MAIL FROM", foreign, message("x", from: "it@office.example")),
                ("the From field", "it@office.example", message("x", from: "Boss <\(foreign)>")),
                ("the Sender field", "it@office.example", message("x", from: "it@office.example", fields: "Sender: \(foreign)\r\n")),
            ]
            for (place, reversePath, content) in places {
                let reply = client.submit(from: reversePath, to: ["b@example.net"], content)
                #expect(reply.code == 550)
                let text = "5.7.60 office may not send as \(foreign) (in \(place)); an administrator can grant it: "
                #expect(reply.text == text + "postern connectors grant office \(foreign)")
            }
            #expect(try gate.ledger().accepted == 0)
            #expect(Set(try gate.trace().map { $0.status }) == ["refused"])

            try gate.command("connectors", "grant", "office", foreign)
            for (place, reversePath, content) in places {
                #expect(client.submit(from: reversePath, to: ["b@example.net"], content).code == 250, "\(place)")
            }
            try gate.command("connectors", "grant", "office", "--remove", foreign)
            #expect(client.submit(from: foreign, to: ["b@example.net"], message("x")).code == 550)
        }
    }

    @Test(.enabled(if: Program.isThere(Program.openSSL), "needs openssl"))
    func `a grant to an account counts at once, also for a session that stands`() throws {
        try GateProcess.run { gate in
            let client = try signedIn(gate)
            let refused = client.submit(from: "team@example.org", to: ["b@example.net"], message("x", from: "team@example.org"))
            #expect(refused.description.hasPrefix("550 5.7.60 alice@example.org may not send as team@example.org (in MAIL FROM)"))
            let command = try #require(refused.text.components(separatedBy: "can grant it: postern ").last)
            #expect(try gate.tried(command.split(separator: " ").map { String($0) }).status == 0)
            #expect(client.submit(from: "team@example.org", to: ["b@example.net"], message("x", from: "team@example.org")).code == 250)
        }
    }

    @Test(.enabled(if: Program.isThere(Program.openSSL), "needs openssl"))
    func `an account that is disabled within a session submits no more`() throws {
        try GateProcess.run { gate in
            let client = try signedIn(gate)
            #expect(client.say("MAIL FROM:<alice@example.org>").code == 250)
            #expect(client.say("RCPT TO:<b@example.net>").code == 250)
            #expect(client.say("DATA").code == 354)
            try gate.command("accounts", "disable", GateProcess.account)
            client.stream.write(stuffed(Array(message("late", from: GateProcess.account).utf8)))
            #expect(client.reply().description == "550 5.7.1 The account or connector of this session was removed or disabled")
            #expect(client.say("MAIL FROM:<alice@example.org>").description.hasPrefix("530 5.7.57"))
            let again = try SMTPDialogue(tlsPort: gate.tlsPort, startTLS: false, from: "127.0.0.2")
            again.open()
            #expect(again.signIn(GateProcess.account, gate.appPassword).code == 535)
            #expect(try gate.ledger().accepted == 0)
        }
    }

    @Test func `nobody submits without a connector or a sign-in, and nobody signs in in plaintext`() throws {
        try GateProcess.run { gate in
            try gate.command("connectors", "add", "careful", "--ip", "127.0.0.6", "--any-sender")
            let stranger = try SMTPDialogue(port: gate.port, from: "127.0.0.3")
            #expect(!stranger.open().text.contains("AUTH"))
            let refused = stranger.say("MAIL FROM:<a@example.org>")
            #expect(refused.description.hasPrefix("530 5.7.57 Client not authenticated to send mail") && refused.text.contains("127.0.0.3"))
            #expect(stranger.signIn(GateProcess.account, GateProcess.password).description.hasPrefix("538 5.7.11"))
            #expect(stranger.say("AUTH LOGIN").description.hasPrefix("538 5.7.11"))

            let careful = try SMTPDialogue(port: gate.port, from: "127.0.0.6")
            careful.open()
            #expect(
                careful.say("MAIL FROM:<a@example.org>").description
                    == "530 5.7.0 Use STARTTLS first: connector careful does not take plaintext")
        }
    }

    @Test(.enabled(if: Program.isThere(Program.openSSL), "needs openssl"))
    func `guessing passwords shuts out the guesser, not the colleague`() throws {
        try GateProcess.run { gate in
            let colleague = try signedIn(gate, from: "127.0.0.2")
            #expect(colleague.say("QUIT").code == 221)

            // Several at a time, since each failure is answered later than the one before.
            let guessers = try (0..<10).map { _ in try SMTPDialogue(tlsPort: gate.tlsPort, startTLS: false, from: "127.0.0.7") }
            for (number, guesser) in guessers.enumerated() {
                guesser.open()
                let guess = Data("\0\(GateProcess.account)\0guess number \(number)".utf8).base64EncodedString()
                guesser.stream.write("AUTH PLAIN \(guess)\r\n")
            }
            #expect(try eventually { try gate.trace("--status", "refused").count { $0.findings.first?.rule == "sign-in.failed" } == 10 })
            #expect(guessers[0].reply().description.hasPrefix("535 5.7.8"))

            let guesser = try SMTPDialogue(tlsPort: gate.tlsPort, startTLS: false, from: "127.0.0.7")
            guesser.open()
            let shut = guesser.signIn(GateProcess.account, gate.appPassword)
            #expect(shut.description.hasPrefix("454 4.7.0 Too many failed sign-ins from 127.0.0.7"))
            _ = try signedIn(gate, from: "127.0.0.2")
            _ = try signedIn(gate, from: "127.0.0.4")
        }
    }

    @Test func `a connector behind a balancer is known by the address in the PROXY header`() throws {
        try GateProcess.run(["submission.proxy-networks=127.0.0.9/32"]) { gate in
            try addOffice(gate)
            for (source, code) in [("127.0.0.5", 250), ("127.0.0.3", 530)] {
                let balanced = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
                balanced.stream.write("PROXY TCP4 \(source) 127.0.0.1 40000 25\r\n")
                balanced.open()
                #expect(balanced.say("MAIL FROM:<a@office.example>").code == code)
            }
            // Without the header there is nobody to talk to.
            let bare = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
            bare.stream.write("EHLO me\r\n")
            #expect(bare.readReply() == nil)
        }
    }

    @Test func `a connector says who its sender is`() throws {
        try GateProcess.run { gate in
            for (name, address, identity) in [
                ("one", "127.0.0.11", "envelope"), ("two", "127.0.0.12", "from"), ("three", "127.0.0.13", "header:X-User"),
            ] {
                try gate.command("connectors", "add", name, "--ip", address, "--plaintext", "--any-sender", "--sender-identity", identity)
                let client = try SMTPDialogue(port: gate.port, from: address)
                client.open()
                let content = message(name, from: "author@example.org", fields: "X-User: user@example.org\r\n")
                #expect(client.submit(from: "envelope@example.org", to: ["b@example.net"], content).code == 250)
            }
            let senders = Dictionary(uniqueKeysWithValues: try gate.trace().map { ($0.subject, $0.sender) })
            #expect(senders == ["one": "envelope@example.org", "two": "author@example.org", "three": "user@example.org"])
        }
    }

    private func signedIn(_ gate: GateProcess, from source: String = "127.0.0.2") throws -> SMTPDialogue {
        let client = try SMTPDialogue(tlsPort: gate.tlsPort, startTLS: false, from: source)
        client.open()
        let reply = client.signIn(GateProcess.account, gate.appPassword)
        #expect(reply.code == 235, "\(reply)")
        return client
    }
}
