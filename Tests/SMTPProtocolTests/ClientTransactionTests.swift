import MailModel
import SMTPProtocol
import Testing

/// Transactions of the client: pipelined and in lockstep, refused at each stage, and cut off.
struct ClientTransactionTests {
    @Test func pipelinesTheEnvelopeInOneWrite() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net", "c@example.net"))
        #expect(shell.take() == ["> MAIL FROM:<a@example.org>|RCPT TO:<b@example.net>|RCPT TO:<c@example.net>|DATA"])
        shell.receive("250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n")
        guard case .send(let bytes)? = shell.actions.first else {
            Issue.record("nothing sent")
            return
        }
        #expect(bytes == Array("Subject: x\r\n\r\n..dot\r\ntext\r\n.\r\n".utf8))
        _ = shell.take()
        shell.receive("250 2.0.0 queued\r\n")
        #expect(shell.take() == ["finished true delivered 250, permanent recipient recipient 550 5.1.1"])
        #expect(shell.isReady)
    }

    @Test func asksForTLSAllTheWayWhereThatIsOffered() {
        var parameters = MailParameters()
        parameters.requiresTLS = true
        let settings = SMTPClientSettings(helloName: "gate.example.org", tls: .implicit, serverName: "mx.test")
        let willing = ClientShell.ready("REQUIRETLS", settings: settings)
        willing.begin(message(to: "b@example.net", parameters: parameters))
        #expect(willing.take() == ["> MAIL FROM:<a@example.org> REQUIRETLS"])
        // Nothing is said to a host that does not offer it, or only in plaintext.
        for shell in [ClientShell.ready("PIPELINING", settings: settings), ClientShell.ready("REQUIRETLS")] {
            shell.begin(message(to: "b@example.net", parameters: parameters))
            #expect(shell.take() == ["finished true permanent message mail 550 5.7.30 local"])
        }
    }

    @Test func goesInLockstepWithoutPipelining() {
        let shell = ClientShell.ready()
        shell.begin(message(to: "b@example.net", "c@example.net", from: nil))
        for reply in ["250 ok", "452 4.2.2 full", "250 ok", "354 go", "250 done"] { shell.receive(reply + "\r\n") }
        #expect(
            shell.take() == [
                "> MAIL FROM:<>", "> RCPT TO:<b@example.net>", "> RCPT TO:<c@example.net>", "> DATA", "> Subject: x|..dot|text|.",
                "finished true transient recipient recipient 452 4.2.2, delivered 250",
            ])
    }

    @Test func sendsALoneDotWhereDataIsTakenThoughNobodyWas() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net"))
        _ = shell.take()
        shell.receive("250 ok\r\n550 no\r\n354 go\r\n")
        #expect(shell.take() == ["> ."])
        shell.receive("554 5.5.1 no recipients\r\n")
        #expect(shell.take() == ["finished true permanent recipient recipient 550"])
    }

    @Test func resetsWhereATransactionIsLeftOpen() {
        let pipelined = ClientShell.ready("PIPELINING")
        pipelined.begin(message(to: "b@example.net"))
        _ = pipelined.take()
        pipelined.receive("250 ok\r\n550 no\r\n503 no recipients\r\n")
        #expect(pipelined.take() == ["> RSET"])
        pipelined.receive("250 ok\r\n")
        #expect(pipelined.take() == ["finished true permanent recipient recipient 550"])

        let lockstep = ClientShell.ready()
        lockstep.begin(message(to: "b@example.net"))
        for reply in ["250 ok", "550 no", "500 what"] { lockstep.receive(reply + "\r\n") }
        #expect(lockstep.take().suffix(3) == ["> RSET", "finished false permanent recipient recipient 550", "close"])
    }

    @Test func aRefusedSenderIsTheMessagesFault() {
        let pipelined = ClientShell.ready("PIPELINING")
        pipelined.begin(message(to: "b@example.net", "c@example.net"))
        _ = pipelined.take()
        pipelined.receive("550 5.7.1 not you\r\n503 a\r\n503 b\r\n503 c\r\n")
        #expect(pipelined.take() == ["finished true permanent message mail 550 5.7.1, permanent message mail 550 5.7.1"])

        let lockstep = ClientShell.ready()
        lockstep.begin(message(to: "b@example.net"))
        lockstep.receive("451 4.7.1 greylisted\r\n")
        #expect(lockstep.take().last == "finished true transient message mail 451 4.7.1")
    }

    @Test func dataAndDotCanBeRefused() {
        for (replies, failure) in [
            (["250 a", "250 b", "451 4.3.0 later"], "transient message data 451 4.3.0"),
            (["250 a", "250 b", "354 go", "554 5.7.1 spam"], "permanent message dot 554 5.7.1"),
        ] {
            let shell = ClientShell.ready("PIPELINING")
            shell.begin(message(to: "b@example.net"))
            for reply in replies { shell.receive(reply + "\r\n") }
            if failure.contains("data") { shell.receive("250 reset\r\n") }
            #expect(shell.take().last == "finished true \(failure)")
        }
    }

    @Test(arguments: [
        ([], "mail"), (["250 a"], "recipient"), (["250 a", "250 b"], "recipient"), (["250 a", "250 b", "250 c"], "data"),
        (["250 a", "250 b", "250 c", "354 d"], "dot"),
    ])
    func a421EndsTheSessionForWhoeverIsOpen(replies: [String], stage: String) {
        for extensions in [["PIPELINING"], []] {
            let shell = ClientShell.ready(extensions.first ?? "X-NONE")
            shell.begin(message(to: "b@example.net", "c@example.net"))
            for reply in replies { shell.receive(reply + "\r\n") }
            shell.receive("421 4.3.2 going down\r\n")
            let failure = "transient host \(stage) 421 4.3.2"
            #expect(shell.take().suffix(2) == ["finished false \(failure), \(failure)", "close"])
        }
    }

    @Test(arguments: [
        ([], "mail"), (["250 a"], "recipient"), (["250 a", "250 b", "250 c"], "data"), (["250 a", "250 b", "250 c", "354 d"], "dot"),
    ])
    func aLostConnectionIsTransientAtItsStage(replies: [String], stage: String) {
        for isTimeOut in [true, false] {
            let shell = ClientShell.ready("PIPELINING")
            shell.begin(message(to: "b@example.net", "c@example.net"))
            for reply in replies { shell.receive(reply + "\r\n") }
            if isTimeOut { shell.timedOut() } else { shell.closedByPeer() }
            let failure = "transient host \(stage) 451 4.4.2 local"
            #expect(shell.take().suffix(2) == ["finished false \(failure), \(failure)", "close"])
        }
    }

    @Test func aRecipientThatWasRefusedKeepsItsReplyWhenTheConnectionIsLost() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net", "c@example.net"))
        shell.receive("250 a\r\n550 5.1.1 no\r\n")
        shell.closedByPeer()
        #expect(
            shell.take().suffix(2) == [
                "finished false permanent recipient recipient 550 5.1.1, transient host recipient 451 4.4.2 local", "close",
            ])
    }

    @Test func aLossAfterTheDotSaysThatTheOutcomeIsUnknown() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net"))
        shell.receive("250 a\r\n250 b\r\n354 c\r\n")
        shell.closedByPeer()
        guard case .finished(let results, _)? = shell.actions.dropLast().last, case .failed(let failure)? = results.first else {
            Issue.record("not finished: \(shell.actions)")
            return
        }
        #expect(failure.reply.text.contains("not known"))
    }

    @Test(arguments: ["garbage\r\n", "354 too early\r\n", "250-a\r\n550 b\r\n", "\0\0\0\r\n", "999 x\r\n"])
    func garbageEndsTheSession(reply: String) {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net"))
        shell.receive(reply)
        #expect(shell.take().suffix(2) == ["finished false transient host mail 451 4.5.0 local", "close"])
    }

    @Test func aReplyThatCameTooEarlyIsNotTakenForTheDots() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net"))
        _ = shell.take()
        shell.receive("250 a\r\n250 b\r\n354 c\r\n250 queued\r\n")
        #expect(shell.take() == ["finished false transient host data 451 4.5.0 local", "close"])
    }

    @Test func whatTheServerCannotTakeIsNotSent() {
        var parameters = MailParameters()
        parameters.isInternationalized = true
        for (transaction, failure) in [
            (message(to: "b@example.net", content: String(repeating: "x", count: 9) + "\r\n"), "permanent message mail 552 5.3.4 local"),
            (message(to: "b@example.net", content: "", parameters: parameters), "permanent message mail 553 5.6.7 local"),
            (message(to: "ö@example.net", content: ""), "permanent message mail 553 5.6.7 local"),
        ] {
            let shell = ClientShell.ready("SIZE 10")
            shell.begin(transaction)
            #expect(shell.take() == ["finished true \(failure)"])
            #expect(shell.isReady)
        }
        let fits = ClientShell.ready("SIZE 10")
        fits.begin(message(to: "b@example.net", content: "12345678\r\n"))
        #expect(fits.take() == ["> MAIL FROM:<a@example.org> SIZE=10"])
    }

    @Test func parametersGoOutAsFarAsTheyAreOffered() {
        var transaction = message(to: "b@example.net", "ö@example.net", content: "ü\r\n")
        transaction.parameters.body = .eightBit
        transaction.parameters.dsnReturn = .headers
        transaction.parameters.envelopeID = "a+b c"
        transaction.recipients[0].notify = [.success, .delay]
        transaction.recipients[0].originalRecipient = OriginalRecipient(type: "rfc822", address: "x+y@example.net")
        transaction.recipients[1].notify = []
        transaction.recipients[1].originalRecipient = OriginalRecipient(type: "utf-8", address: "ö+@example.net")
        let full = ClientShell.ready("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN")
        full.begin(transaction)
        #expect(
            full.take() == [
                "> MAIL FROM:<a@example.org> SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb+20c"
                    + "|RCPT TO:<b@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.net"
                    + "|RCPT TO:<ö@example.net> NOTIFY=NEVER ORCPT=utf-8;\\x{F6}\\x{2B}@example.net|DATA"
            ])
        transaction.recipients.removeLast()
        let plain = ClientShell.ready("PIPELINING")
        plain.begin(transaction)
        #expect(plain.take() == ["> MAIL FROM:<a@example.org>|RCPT TO:<b@example.net>|DATA"])
    }

    @Test(arguments: [
        ("", ".\r\n"), (".", "..\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), ("a", "a\r\n.\r\n"), ("a\r\n.\r\n.b\r\n", "a\r\n..\r\n..b\r\n.\r\n"),
        ("a.b\r\n", "a.b\r\n.\r\n"), ("a\n.\nb\r\n", "a\n..\nb\r\n.\r\n"), ("\r\n\r\n", "\r\n\r\n.\r\n"),
    ])
    func dotsAreStuffedAndTheEndIsOnALineByItself(content: String, wire: String) {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net", content: content))
        _ = shell.take()
        shell.receive("250 a\r\n250 b\r\n354 c\r\n")
        #expect(shell.actions == [.send(Array(wire.utf8))])
    }

    @Test func repliesAreReadInAnyPortions() {
        let replies = "250 2.1.0 a\r\n250-2.1.5 b\r\n250 2.1.5 b\r\n354 c\r\n"
        for cut in 0...replies.utf8.count {
            let shell = ClientShell.ready("PIPELINING")
            shell.begin(message(to: "b@example.net"))
            shell.receive(String(decoding: replies.utf8.prefix(cut), as: UTF8.self))
            shell.receive(String(decoding: replies.utf8.dropFirst(cut), as: UTF8.self))
            shell.receive("250 2.0.0 queued as\r\n")
            #expect(shell.take().last == "finished true delivered 250")
        }
    }

    @Test func theEnhancedCodeIsTakenOutOfTheText() {
        let shell = ClientShell.ready("PIPELINING")
        shell.begin(message(to: "b@example.net"))
        shell.receive("250 a\r\n550-5.1.1 no such\r\n550-5.1.1 user\r\n550 4.9.9 here\r\n503 d\r\n")
        shell.receive("250 reset\r\n")
        guard case .finished(let results, _)? = shell.actions.last, case .failed(let failure)? = results.first else {
            Issue.record("not finished: \(shell.actions)")
            return
        }
        #expect(failure.reply == SMTPReply(550, EnhancedStatusCode(5, 1, 1), ["no such", "user", "4.9.9 here"]))
    }

    @Test func manyMessagesUseOneSession() {
        let shell = ClientShell.ready("PIPELINING")
        for _ in 0..<100 {
            shell.begin(message(to: "b@example.net"))
            shell.receive("250 a\r\n250 b\r\n354 c\r\n")
            shell.receive("250 d\r\n")
            #expect(shell.take().last == "finished true delivered 250")
        }
    }
}
