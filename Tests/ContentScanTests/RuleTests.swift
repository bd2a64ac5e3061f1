import ContentScan
import MailModel
import Testing

/// Each rule finds what it is for, and not its neighbour.
@Suite struct RuleTests {
    static let found: [(rule: ScanRule, message: String)] = [
        (.lyingText, html("<p>Go to <a href='http://evil.example/x'>www.bank.com</a></p>")),
        (.lookAlike, html("<a href='http://paypa1.com/login'>here</a>")),
        (.lookAlike, html("<a href='http://xn--pypal-4ve.com/'>here</a>")),
        (.mixedScript, html("<a href='http://xn--pypal-4ve.com/'>here</a>")),
        (.numericHost, plain("see http://203.0.113.9/a")),
        (.userInLink, plain("see http://www.bank.com@evil.example/a")),
        (.escapedHost, html("<a href='http://%65vil.example/'>here</a>")),
        (.port, plain("see http://example.com:8081/a")),
        (.shortener, plain("see https://bit.ly/3xyz")),
        (.redirect, html("<a href='https://www.site.example/r?u=http%3A%2F%2Fother.example%2F'>here</a>")),
        (.pixel, html("<p>Hello</p><img src='http://track.example/o.gif' width=1 height=1>")),
        (.hiddenText, html("<p>Hello</p><div style='display: none'>\(String(repeating: "word ", count: 120))</div>")),
        (.hiddenText, html("<p>Hello</p><font color='#fffffe'>\(String(repeating: "word ", count: 120))</font>")),
        (.hiddenText, html("<p>Hello</p><span style='font-size:1px'>\(String(repeating: "word ", count: 120))</span>")),
        (.unseenCharacters, plain("mo\u{200B}ney mo\u{200B}ney ca\u{200D}sh fr\u{00AD}ee lo\u{2060}an")),
        (.spacedWords, plain("Buy V I A G R A S now")),
        (.imageOnly, html("<img src='http://a.example/big.png' width=600>")),
        (.noPlainText, html("<p>Hello</p>")),
        (.forgedReply, plain("Buy now", subject: "Re: your order")),
        (.shouting, plain("Hello", subject: "BUY THIS NOW OR NEVER")),
        (.emptySubject, plain("Hello", subject: "")),
        (.addressInName, plain("Hello", from: "\"boss@company.example\" <x@evil.example>")),
        (.unreadableFrom, plain("Hello", from: "nobody at all <")),
        (.replyElsewhere, plain("Hello", fields: "Reply-To: someone@gmail.com\n")),
        (.form, html("<form action='http://evil.example/take'><input name=p></form>")),
        (.script, html("<script>x()</script>")),
        (.embedded, html("<iframe src='http://evil.example/'></iframe>")),
        (.headerDamage, plain("Hello", fields: "Subject: another\n")),
        (.headerDamage, plain("Hello", fields: "this is no field\n")),
        (.partDamage, plain("Hello", fields: "Content-Type: multipart/mixed; boundary=a\n")),
        (.noUnsubscribe, html((0..<8).map { "<a href='http://a.example/\($0)'>x</a><img src='http://a.example/\($0).png'>" }.joined())),
    ]

    @Test(arguments: found.indices) func aRuleFindsItsKind(_ index: Int) {
        let (rule, message) = RuleTests.found[index]
        let verdict = scan(message)
        #expect(verdict.rules.contains(rule.rawValue), "\(rule.rawValue): found \(verdict.rules.sorted())")
    }

    static let harmless = [
        plain("See http://www.example.org/a and write to anna@example.org."),
        plain("> what you said\nYes.", subject: "Re: lunch", fields: "In-Reply-To: <1@example.org>\n"),
        html(
            "<p>Go to <a href='https://www.example.com/shop'>example.com</a> or <a href='https://shop.example.com/'>www.example.com</a>.</p>"
        ),
        html("<a href='https://bücher.example/'>Bücher</a>"),
        html("<table bgcolor=black><tr><td><font color=white>\(String(repeating: "seen ", count: 200))</font></td></tr></table>"),
        plain("Hello", from: "\"anna@example.org\" <anna@example.org>"),
        plain("Grüße aus a b c, und bis bald", fields: "Content-Type: text/plain; charset=utf-8\n"),
    ]

    @Test(arguments: harmless.indices) func ordinaryMailBreaksNoRuleThatWeighs(_ index: Int) {
        let verdict = scan(RuleTests.harmless[index])
        #expect(verdict.findings.filter { $0.weight >= 0.5 }.isEmpty, "\(verdict.rules.sorted())")
        #expect(verdict.kind == .clean)
    }

    @Test(arguments: [
        ("invoice.exe", ScanRule.executable), ("invoice.pdf.exe", .doubleExtension), ("report.docm", .macros), ("page.html", .htmlFile),
        ("exe\u{202E}fdp.txt", .doubleExtension), ("=?utf-8?q?invoice=2Eexe?=", .executable),
    ])
    func filesAreKnownByTheirNames(_ name: String, _ rule: ScanRule) {
        let message = """
            From: anna@example.org
            Subject: File
            Content-Type: multipart/mixed; boundary=b

            --b

            Here it is.
            --b
            Content-Type: application/octet-stream
            Content-Disposition: attachment; filename="\(name)"

            data
            --b--

            """
        #expect(scan(message).rules.contains(rule.rawValue))
    }

    @Test func aNameInPiecesIsPutTogether() {
        let message = """
            From: anna@example.org
            Subject: File
            Content-Type: application/pdf
            Content-Disposition: attachment; filename*0*=utf-8''invoice%2E; filename*1=exe
            Content-Transfer-Encoding: base64

            TVqQAAMAAAAEAAAA

            """
        #expect(scan(message).rules.contains(ScanRule.executable.rawValue))
        #expect(scan(message.replacing("=exe", with: "=pdf")).rules.contains(ScanRule.disguised.rawValue))
    }

    @Test func theEnvelopeIsLookedAt() throws {
        let other = try #require(EmailAddress("bounce@other.example"))
        let same = try #require(EmailAddress("bounce@mail.example.org"))
        #expect(scan(plain("Hi"), envelope: ScanEnvelope(sender: other, recipients: 1)).rules.contains(ScanRule.misaligned.rawValue))
        #expect(
            scan(plain("Hi"), envelope: ScanEnvelope(sender: same, recipients: 60)).rules == [
                ScanRule.recipients.rawValue, ScanRule.noUnsubscribe.rawValue,
            ])
        let campaign = ScanEnvelope(sender: same, recipients: 60, isCampaign: true)
        #expect(!scan(plain("Hi"), envelope: campaign).rules.contains(ScanRule.recipients.rawValue))
        var dead = facts(plain("Hi"))
        dead.isSenderDomainAlive = false
        let verdict = ContentScan.scan(dead, knowledge: ScanKnowledge(), at: Timestamp(seconds: 0))
        #expect(verdict.rules == [ScanRule.deadDomain.rawValue])
    }

    @Test func weightsAndThresholdsAreTheCallers() {
        let message = plain("see https://bit.ly/3xyz")
        #expect(scan(message).kind == .clean)
        let heavy = ScanWeights(weights: [.shortener: 6])
        #expect(scan(message, weights: heavy).kind == .suspicious)
        #expect(scan(message, weights: ScanWeights(weights: [.shortener: 6], spamFrom: 6)).kind == .spam)
        #expect(
            scan(plain("see https://go.example/1"), knowledge: ScanKnowledge(shorteners: ["go.example"])).rules == [
                ScanRule.shortener.rawValue
            ])
    }

    @Test func everyRuleSaysWhatItMeans() {
        for rule in ScanRule.allCases {
            #expect(rule.explanation.hasSuffix("."))
            #expect(rule.standardWeight != 0)
        }
    }
}
