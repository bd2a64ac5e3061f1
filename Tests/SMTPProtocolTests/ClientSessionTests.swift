import MailModel
import SMTPProtocol
import Testing

/// From the greeting to a ready session: hello, TLS, sign-in, and what goes wrong there.
struct ClientSessionTests {
    static func settings(_ tls: TLSMode, credentials: SMTPCredentials? = nil) -> SMTPClientSettings {
        SMTPClientSettings(helloName: "gate.example.org", tls: tls, credentials: credentials, serverName: "mx.test")
    }

    static let credentials = SMTPCredentials(name: "user", password: "secret")

    @Test func readsWhatTheServerOffers() {
        let shell = ClientShell()
        shell.receive("220-welcome\r\n220 here\r\n")
        shell.receive(
            "250-mx.test\r\n250-pipelining\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n"
                + "250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-AUTH=LOGIN\r\n250-AUTH plain XOAUTH2\r\n250-X-NEW\r\n250 LIMITS RCPTMAX=50\r\n"
        )
        let offered = shell.capabilities
        #expect(offered.pipelining && offered.eightBitMIME && offered.smtpUTF8 && offered.chunking && offered.binaryMIME && offered.dsn)
        #expect(offered.enhancedStatusCodes && offered.startTLS)
        #expect(offered.size == 1000)
        #expect(offered.recipientsMax == 50)
        #expect(offered.authMechanisms == ["PLAIN", "LOGIN", "XOAUTH2"])
        #expect(shell.take() == ["> EHLO gate.example.org", "ready"])
        #expect(shell.isReady)
    }

    @Test(arguments: [
        ("554 5.7.1 go away\r\n", "permanent host greeting 554 5.7.1"), ("421 busy\r\n", "transient host greeting 421"),
        ("hello\r\n", "transient host greeting 451 4.5.0 local"), ("354 what\r\n", "transient host greeting 451 4.5.0 local"),
        ("199 low\r\n", "transient host greeting 451 4.5.0 local"), ("220-a\r\n250 b\r\n", "transient host greeting 451 4.5.0 local"),
        ("220 a\r\n220 b\r\n", "transient host ehlo 451 4.5.0 local"), ("\r\n", "transient host greeting 451 4.5.0 local"),
    ])
    func refusedOrBrokenGreetings(greeting: String, failure: String) {
        let shell = ClientShell()
        shell.receive(greeting)
        #expect(shell.take() == ["failed \(failure)", "close"])
    }

    @Test func fallsBackToHELO() {
        let shell = ClientShell()
        shell.receive("220 x\r\n")
        shell.receive("502 what\r\n")
        shell.receive("250 fine\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "> HELO gate.example.org", "ready"])
    }

    @Test func aTransientRefusalOfEHLOFails() {
        let shell = ClientShell()
        shell.receive("220 x\r\n")
        shell.receive("450 4.3.2 later\r\n")
        #expect(shell.take().dropFirst() == ["failed transient host ehlo 450 4.3.2", "close"])
    }

    @Test(arguments: [TLSMode.opportunistic, .required])
    func startsTLSWhereOfferedAndSaysHelloAgain(_ tls: TLSMode) {
        let shell = ClientShell(ClientSessionTests.settings(tls))
        shell.receive("220 x\r\n")
        shell.receive("250-x\r\n250-SIZE 5\r\n250 STARTTLS\r\n")
        shell.receive("220 go\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "> STARTTLS", "starttls"])
        shell.machine.tlsEstablished()
        shell.pull()
        #expect(shell.capabilities.size == nil)
        shell.receive("250 x\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "ready"])
        #expect(shell.isEncrypted)
    }

    @Test func neverPlaintextWhereTLSIsRequired() {
        for (offer, answer) in [("250 x\r\n", ""), ("250 STARTTLS\r\n", ""), ("250-x\r\n250 STARTTLS\r\n", "502 5.5.1 no\r\n")] {
            let shell = ClientShell(ClientSessionTests.settings(.required))
            shell.receive("220 x\r\n")
            shell.receive(offer)
            if !answer.isEmpty { shell.receive(answer) }
            #expect(shell.take().suffix(2) == ["failed transient host startTLS 451 4.7.4 local", "close"])
        }
        let old = ClientShell(ClientSessionTests.settings(.required))
        old.receive("220 x\r\n")
        old.receive("500 no EHLO\r\n")
        old.receive("250 x\r\n")
        #expect(old.take().suffix(2) == ["failed transient host startTLS 451 4.7.4 local", "close"])
    }

    @Test func goesOnInPlaintextWhereTLSIsAChoice() {
        let refused = ClientShell(ClientSessionTests.settings(.opportunistic))
        refused.receive("220 x\r\n")
        refused.receive("250-x\r\n250 STARTTLS\r\n")
        refused.receive("454 4.7.0 not now\r\n")
        #expect(refused.take().last == "ready")

        let broken = ClientShell(ClientSessionTests.settings(.opportunistic))
        broken.receive("220 x\r\n")
        broken.receive("250-x\r\n250 STARTTLS\r\n")
        broken.receive("220 go\r\n")
        broken.machine.tlsFailed("certificate unreadable")
        broken.pull()
        #expect(broken.take().suffix(2) == ["failed transient host startTLS 454 4.7.5 local", "close"])
    }

    @Test func bytesBetweenStartTLSAndTheHandshakeFail() {
        for isTogether in [true, false] {
            let shell = ClientShell(ClientSessionTests.settings(.opportunistic))
            shell.receive("220 x\r\n")
            shell.receive("250-x\r\n250 STARTTLS\r\n")
            shell.receive("220 go\r\n" + (isTogether ? "250 injected" : ""))
            if !isTogether { shell.receive("250 injected\r\n") }
            #expect(shell.take().suffix(2) == ["failed transient host startTLS 454 4.7.5 local", "close"])
        }
    }

    private static func tokenShell(_ tls: TLSMode = .implicit, offer: String = "250-x\r\n250 AUTH LOGIN XOAUTH2\r\n") -> ClientShell {
        let shell = ClientShell(settings(tls, credentials: SMTPCredentials(name: "a@example.org", token: "t0ken")))
        shell.receive("220 x\r\n")
        shell.receive(offer)
        return shell
    }

    /// `user=a@example.org^Aauth=Bearer t0ken^A^A`.
    private static let bearer = "dXNlcj1hQGV4YW1wbGUub3JnAWF1dGg9QmVhcmVyIHQwa2VuAQE="

    @Test func signsInWithAToken() {
        let shell = ClientSessionTests.tokenShell()
        shell.receive("235 2.7.0 Authentication successful\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "> AUTH XOAUTH2 \(ClientSessionTests.bearer)", "ready"])
    }

    @Test func aTokenGoesOnALineOfItsOwnWhereTheServerWantsIt() {
        let shell = ClientSessionTests.tokenShell()
        shell.receive("334 \r\n")
        shell.receive("235 2.7.0 Authentication successful\r\n")
        #expect(shell.take().suffix(2) == ["> \(ClientSessionTests.bearer)", "ready"])
    }

    @Test func theChallengeOfARefusedTokenIsAnsweredWithAnEmptyLine() {
        let shell = ClientSessionTests.tokenShell()
        shell.receive("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n")
        shell.receive("535 5.7.3 Authentication unsuccessful\r\n")
        #expect(shell.take().suffix(3) == ["> ", "failed permanent host auth 535 5.7.3", "close"])
    }

    @Test func aTokenNeverGoesInPlaintextOrByPassword() {
        let plain = ClientSessionTests.tokenShell(.none)
        #expect(plain.take().suffix(2) == ["failed transient host auth 451 4.7.11 local", "close"])
        let other = ClientSessionTests.tokenShell(offer: "250-x\r\n250 AUTH PLAIN LOGIN\r\n")
        #expect(other.take().suffix(2) == ["failed transient host auth 451 4.7.4 local", "close"])
    }

    @Test func signsInWithPlain() {
        let shell = ClientShell(ClientSessionTests.settings(.implicit, credentials: ClientSessionTests.credentials))
        shell.receive("220 x\r\n")
        shell.receive("250-x\r\n250 AUTH LOGIN PLAIN\r\n")
        shell.receive("235 2.7.0 welcome\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "> AUTH PLAIN AHVzZXIAc2VjcmV0", "ready"])
    }

    @Test func signsInWithLoginWhereThereIsNoPlain() {
        let shell = ClientShell(ClientSessionTests.settings(.implicit, credentials: ClientSessionTests.credentials))
        shell.receive("220 x\r\n")
        shell.receive("250-x\r\n250 AUTH LOGIN\r\n")
        shell.receive("334 VXNlcm5hbWU6\r\n")
        shell.receive("334 UGFzc3dvcmQ6\r\n")
        shell.receive("535 5.7.8 no\r\n")
        #expect(
            shell.take() == [
                "> EHLO gate.example.org", "> AUTH LOGIN", "> dXNlcg==", "> c2VjcmV0", "failed permanent host auth 535 5.7.8", "close",
            ])
    }

    @Test(arguments: [TLSMode.none, .opportunistic])
    func neverShowsCredentialsInPlaintext(_ tls: TLSMode) {
        let shell = ClientShell(ClientSessionTests.settings(tls, credentials: ClientSessionTests.credentials))
        shell.receive("220 x\r\n")
        shell.receive("250-x\r\n250 AUTH PLAIN\r\n")
        #expect(shell.take() == ["> EHLO gate.example.org", "failed transient host auth 451 4.7.11 local", "close"])
    }

    @Test func endsEveryStageOnTimeOutAndLoss() {
        let stages: [(steps: [String], stage: String)] = [
            ([], "greeting"), (["220 x\r\n"], "ehlo"), (["220 x\r\n", "250-x\r\n250 STARTTLS\r\n"], "startTLS"),
            (["220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n"], "startTLS"),
        ]
        for (steps, stage) in stages {
            for isTimeOut in [true, false] {
                let shell = ClientShell(ClientSessionTests.settings(.opportunistic))
                for step in steps { shell.receive(step) }
                if isTimeOut { shell.timedOut() } else { shell.closedByPeer() }
                #expect(shell.take().suffix(2) == ["failed transient host \(stage) 451 4.4.2 local", "close"])
            }
        }
    }

    @Test func anIdleSessionEndsWithoutAFailure() {
        for end in ["421 4.4.2 idle\r\n", "250 what\r\n", ""] {
            let shell = ClientShell.ready()
            if end.isEmpty { shell.closedByPeer() } else { shell.receive(end) }
            #expect(shell.take() == ["close"])
            #expect(!shell.isReady)
        }
    }

    @Test func quitsPolitely() {
        let shell = ClientShell.ready()
        shell.machine.quit()
        shell.pull()
        #expect(shell.take() == ["> QUIT"])
        shell.receive("221 bye\r\n")
        #expect(shell.take() == ["close"])
    }

    @Test func repliesWithoutEndAreBounded() {
        let line = ClientShell()
        for _ in 0..<1000 { line.receive(String(repeating: "2", count: 4096)) }
        #expect(line.take() == ["failed transient host greeting 451 4.5.0 local", "close"])

        let many = ClientShell()
        many.receive(String(repeating: "220-x\r\n", count: 101))
        #expect(many.take() == ["failed transient host greeting 451 4.5.0 local", "close"])

        let enough = ClientShell()
        enough.receive(String(repeating: "220-x\r\n", count: 99) + "220 x\r\n")
        #expect(enough.take() == ["> EHLO gate.example.org"])

        let large = ClientShell()
        for _ in 0..<40 { large.receive("220-" + String(repeating: "x", count: 2000) + "\r\n") }
        #expect(large.take() == ["failed transient host greeting 451 4.5.0 local", "close"])
    }

    @Test func stagesHaveTheTimesOfTheStandardAndScale() {
        #expect(ClientShell().timeout == .seconds(300))
        let shell = ClientShell.ready()
        shell.begin(message(to: "b@example.net"))
        #expect(shell.timeout == .seconds(300))
        shell.receive("250 ok\r\n")
        shell.receive("250 ok\r\n")
        #expect(shell.timeout == .seconds(120))
        shell.receive("354 go\r\n")
        #expect(shell.timeout == .seconds(600))
        #expect(SMTPClientTimeouts().scaled(by: 0.01).dot == .seconds(6))
    }
}
