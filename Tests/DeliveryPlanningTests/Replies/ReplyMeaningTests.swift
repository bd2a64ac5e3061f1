import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct ReplyMeaningTests {
    private func meaning(_ text: String) -> ReplyMeaning? { ReplyMeaning.of(text: text) }

    /// One enhanced code, two meanings: the throttle is 550, a single refusal is 554.
    @Test func theThrottleAndTheSingleRefusalDiffer() throws {
        let throttle = try #require(meaning("550 5.2.252 Sender throttled due to continuous send as denied errors."))
        let refusal = try #require(meaning("554 5.2.252 SendAsDenied; a@example.org not allowed to send as b@example.org"))
        #expect(throttle.replyClass == .errorThrottle && throttle.retry == .wait && throttle.upstream == .errorThrottle)
        #expect(refusal.replyClass == .sendAs && refusal.retry == .afterFix && refusal.upstream == nil)
    }

    @Test func anUnknownReplyStaysUnknown() {
        for text in ["", "250 OK", "550 5.1.9 Nope", "451 Try again", "some words", "550", "5.7.1", "550 5.7.1 Go away", "-> ->"] {
            #expect(meaning(text) == nil, "\(text)")
        }
    }

    @Test func linesAreJoined() throws {
        let text = """
            550-5.1.1 The email account that you tried to reach does
            550-5.1.1 not exist. Please try double-checking the
            550 5.1.1 recipient's email address
            """
        #expect(meaning(text)?.rule == "gmail.5.1.1")
        #expect(meaning(text.split(separator: "\n").joined(separator: "\r\n"))?.rule == "gmail.5.1.1")
        #expect(meaning(text.split(separator: "\n").joined(separator: " "))?.rule == "gmail.5.1.1")
        let reply = SMTPReply(
            550, EnhancedStatusCode(5, 1, 1), ["The email account that you tried to reach does", "not exist. Please try"])
        #expect(ReplyMeaning.of(reply)?.rule == "gmail.5.1.1")
    }

    @Test func theInnermostReplyCounts() throws {
        let wrapped = "550 5.0.350 Remote server returned an error -> 550 5.1.1 <a@example.net>: Recipient address rejected: User unknown"
        let inner = try #require(meaning(wrapped))
        #expect(inner.replyClass == .noSuchRecipient && inner.isQuoted)
        let unknown = try #require(meaning("550 5.0.350 Remote server returned an error -> 571 Something of its own"))
        #expect(unknown.replyClass == .wrapper)
        #expect(try #require(meaning("550 5.1.8 Access denied, bad outbound sender")).isQuoted == false)
    }

    /// A restriction that the next host only tells of is another's: it says nothing about our account.
    @Test func aQuotedReplyIsMarked() throws {
        for text in [
            "550 5.0.350 Remote server returned an error -> 550 5.1.8 Access denied, bad outbound sender",
            "550 5.1.8 host mx.example.net[192.0.2.1] said: 550 5.1.8 Access denied, bad outbound sender (in reply to RCPT TO)",
        ] {
            #expect(try #require(meaning(text)).isQuoted, "\(text)")
        }
    }

    @Test func oddPunctuationIsRead() {
        #expect(meaning("550;5.7.711 Access denied, bad inbound connector. AS(2204).")?.rule == "exchange-online.5.7.711")
        #expect(
            meaning("Remote Server returned '550 5.1.90 You’ve reached your daily limit for message recipients'")?.upstream == .dailyLimit)
        #expect(meaning("#550 5.1.10 RESOLVER.ADR.RecipientNotFound; not there ##rfc822;a@example.org")?.replyClass == .noSuchRecipient)
        #expect(meaning("5.7.139 AUTHENTICATION   unsuccessful, the user credentials were incorrect.")?.upstream == .signIn)
    }

    @Test func aNumberInTheWordsIsNoCode() throws {
        let reading = try #require(ReplyText.readings(of: "Host 192.0.2.5 has sent 500 messages, version 4.16.55.1").first).text
        #expect(reading.code == nil && reading.enhanced.isEmpty)
    }

    @Test func theHintDecidesBetweenProviders() throws {
        let text = "452 4.5.3 Too many recipients"
        #expect(ReplyMeaning.of(text: text, hint: .gmail)?.provider == .gmail)
        #expect(ReplyMeaning.of(text: text, hint: .exchangeOnlineInbound)?.provider == .exchangeOnlineInbound)
    }

    @Test func providersAreKnownByTheirHosts() {
        #expect(ReplyProvider.of(host: "smtp.office365.com") == .exchangeOnline)
        #expect(ReplyProvider.of(host: "example-org.mail.protection.outlook.com") == .exchangeOnlineInbound)
        #expect(ReplyProvider.of(host: "hotmail-com.olc.protection.outlook.com") == .outlook)
        #expect(ReplyProvider.of(host: "GMAIL-SMTP-IN.L.GOOGLE.COM") == .gmail)
        #expect(ReplyProvider.of(host: "notgoogle.com") == nil)
        #expect(ReplyProvider.of(host: "192.0.2.1") == nil)
    }

    /// Texts of strangers: no trap, and no time that grows faster than they do.
    @Test func hostileTextsAreHarmless() {
        var random = SeededGenerator(7)
        let pieces = ["550", "5.7.1", "->", "…", "-", ";", "access denied", "\u{0}", "\n", "a.b", "4.4.", ".5.7.1", "'", "#", "💥", "  "]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = meaning(text)
        }
        let long = String(repeating: "access denied, sending domain 550 5.7.509 -> ", count: 50_000)
        #expect(meaning(long)?.replyClass != .signIn)
    }
}
