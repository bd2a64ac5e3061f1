import Campaigns
import InternetMessage
import MailModel
import Testing

@Suite struct PublicTokenTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    /// No real one: that the right octets go in, and all of what comes out counts, is what is looked at.
    private func mac(_ key: UInt8) -> ([UInt8]) -> [UInt8] {
        { octets in
            var hash = StableHash()
            hash.add(key)
            for octet in octets { hash.add(octet) }
            return (0..<32).map { UInt8(truncatingIfNeeded: hash.value >> UInt64(8 * ($0 % 8))) }
        }
    }

    private func signUp(_ address: String = "ada@example.org") -> SignUpToken {
        SignUpToken(
            list: 7, askedAt: now, wordingHash: (0..<32).map { $0 }, formVersion: 3, wantsTracking: true, language: "de",
            address: EmailAddress(address)!)
    }

    @Test func `a sign-up says all that the ledger will say, for seven days`() throws {
        let token = signUp()
        let text = token.text(mac: mac(1))
        #expect(text.utf8.allSatisfy { $0 != 0x2F && $0 != 0x2B && $0 != 0x3D })
        #expect(SignUpToken(text, mac: mac(1)) == token)
        #expect(token.isValid(at: now) && token.isValid(at: now + .seconds(7 * 86_400 - 1)))
        #expect(!token.isValid(at: now + SignUpToken.validity) && !token.isValid(at: now - .seconds(1)))
        #expect(SignUpToken(text, mac: mac(2)) == nil, "another key")
    }

    @Test func `a token that was changed anywhere is none`() {
        let text = signUp().text(mac: mac(1))
        for place in text.indices {
            var forged = text
            forged.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
            #expect(SignUpToken(forged, mac: mac(1)) == nil)
        }
        for end in 0..<text.count { #expect(SignUpToken(text.prefix(end), mac: mac(1)) == nil) }
    }

    @Test func `a token of one purpose is none of another`() {
        let address = EmailAddress("ada@example.org")!
        let response = ResponseToken(campaign: 5, revision: 2, link: 0, address: address).text(mac: mac(1))
        #expect(SignUpToken(response, mac: mac(1)) == nil && UnsubscribeToken(response, mac: mac(1)) == nil)
        #expect(ResponseToken(signUp().text(mac: mac(1)), mac: mac(1)) == nil)
        #expect(
            ResponseToken(UnsubscribeToken(campaign: 5, list: 7, address: address).text(mac: mac(1)), mac: mac(1)) == nil)
    }

    @Test(arguments: [nil, 0, 499]) func `a response names campaign, revision, link and person`(_ link: Int?) {
        let token = ResponseToken(campaign: 1 << 40, revision: 12, link: link, address: EmailAddress("ada@example.org")!)
        #expect(ResponseToken(token.text(mac: mac(1)), mac: mac(1)) == token)
    }

    // MARK: - Abuse

    @Test func `an address, a client and a list are asked for so often and no more`() {
        var guarding = SignUpGuard()
        let key = AddressKey(1, 2)
        func asked(_ address: String, _ client: String, _ list: Int64 = 1, after seconds: Int64 = 0) -> SignUpGuard.Answer {
            guarding.asked(key.digest(EmailAddress(address)!), client: client, list: list, at: now + .seconds(seconds))
        }
        #expect(asked("a@example.org", "192.0.2.1") == .ask && asked("A@example.org", "192.0.2.2") == .ask)
        #expect(asked("a@example.org", "192.0.2.3") == .silent, "the third of a day")
        #expect(asked("a@example.org", "192.0.2.3", 2) == .ask, "for another list")
        #expect(asked("a@example.org", "192.0.2.1", after: 86_400) == .ask, "a day later")
        for number in 0..<SignUpGuard.perClient.count { #expect(asked("p\(number)@example.org", "198.51.100.1", 3) == .ask) }
        #expect(asked("q@example.org", "198.51.100.1", 3) == .tooMany)
        #expect(asked("q@example.org", "198.51.100.1", 3, after: 3600) == .ask)
        var count = 0
        while asked("r\(count)@example.org", "c\(count)", 4) == .ask { count += 1 }
        #expect(count == SignUpGuard.perList.count)
    }

    @Test func `what is remembered is bounded, and nothing is taken beyond it`() {
        var guarding = SignUpGuard(windowsMax: 30)
        let key = AddressKey(1, 2)
        func asked(_ number: Int, after seconds: Int64 = 0) -> SignUpGuard.Answer {
            guarding.asked(key.digest(EmailAddress("p\(number)@example.org")!), client: "c\(number)", list: 1, at: now + .seconds(seconds))
        }
        let answers = (0..<40).map { asked($0) }
        #expect(answers.first == .ask && answers.last == .tooMany)
        #expect(asked(41, after: 86_401) == .ask, "once the windows are over there is room")
    }
}

@Suite struct ResponseReadingTests {
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

    private func rule(
        click: Bool = true, head: Bool = false, _ agent: String = firefox, after seconds: Int64? = 60, apple: Bool = false
    ) -> ResponseReading.Rule {
        ResponseReading.rule(
            .init(isClick: click, isHead: head, userAgent: agent, seconds: seconds, isApple: apple), machineSeconds: 5)
    }

    @Test func `people, proxies and machines are told apart`() {
        #expect(rule() == .none && rule(click: false) == .none && rule(after: nil) == .none && rule(after: 5) == .none)
        #expect(rule(after: 4) == .soon && rule(after: -1) == .soon)
        #expect(rule(head: true) == .head && rule("") == .program && rule("python-requests/2.32") == .program)
        #expect(rule("Mozilla/5.0 (compatible; Barracuda Sentinel)") == .scanner)
        let gmail = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
        #expect(rule(click: false, gmail) == .gmailProxy && rule(click: false, gmail, after: 1) == .gmailProxy)
        #expect(rule(click: false, "Mozilla/5.0") == .applePrivacy && rule(click: false, apple: true) == .applePrivacy)
        #expect(rule(apple: true) == .none, "who follows a link from an address of Apple's is a person")
        #expect(ResponseReading.Rule.gmailProxy.source == .proxy && ResponseReading.Rule.soon.source == .machine)
    }
}

@Suite struct TrackedLinksTests {
    @Test func `links that are the same for all become tags, the others stay`() {
        let html = """
            <p><a href="https://example.org/a?x=1&amp;y=2">A</a> <A class=x HREF='http://example.org/b'>B</A> \
            <a href="https://example.org/a?x=1&amp;y=2">again</a> <a href="{{unsubscribe}}">leave</a> \
            <a href="https://example.org/{{id}}">own</a> <a href="mailto:a@example.org">mail</a> <a name="href">none</a>
            <!-- <a href="https://example.org/hidden">x</a> --><abbr title="https://example.org/no">x</abbr> <a href=https://bare.example>y</a></p>
            """
        let links = TrackedLinks(html)
        #expect(links.addresses == ["https://example.org/a?x=1&y=2", "http://example.org/b"])
        let tags = links.html.ranges(of: "{{postern:link:0}}").count
        #expect(tags == 2 && links.html.ranges(of: "{{postern:link:1}}").count == 1)
        #expect(links.html.contains("{{unsubscribe}}") && links.html.contains("https://example.org/{{id}}"))
        #expect(links.html.contains("https://example.org/hidden") && links.html.contains("href=https://bare.example"))
        var back = links.html
        for (place, address) in links.addresses.enumerated() {
            back = back.replacing("{{postern:link:\(place)}}", with: address.replacing("&", with: "&amp;"))
        }
        #expect(back == html)
    }

    @Test(arguments: [
        "<", "<a", "<a href", "<a href=", "<a href=\"", "<a href=\"https://example.org", "<!--", "<a  =\"x\">", "<a href=\"\">",
    ])
    func `what is broken is left as it is`(_ html: String) { #expect(TrackedLinks(html).html == html) }

    @Test func `a copy counts only for who consents, and leads where it led`() throws {
        let content = CampaignContent(subject: "x", format: .html, body: "<p><a href=\"https://example.org/?a=1&amp;b=2\">A</a></p>")
        let frame = CampaignDesign.Frame(from: "a@example.org", listTitle: "News", listID: "n", headers: [], tracks: true)
        let design = try CampaignDesign(content, body: content.body, frame: frame)
        #expect(design.links == ["https://example.org/?a=1&b=2"] && design.bareNames.isEmpty)
        let plain = design.copy(to: "p@example.net", attributes: [:], unsubscribe: "https://g.example/u/T", headers: [])
        #expect(plain.html?.contains("https://example.org/?a=1&amp;b=2") == true && plain.html?.contains("<img") == false)
        let counting = CampaignDesign.Counting(links: ["https://g.example/c/T"], pixel: "https://g.example/o/T")
        let counted = design.copy(
            to: "p@example.net", attributes: [:], unsubscribe: "https://g.example/u/T", counting: counting, headers: [])
        #expect(counted.html?.contains("https://g.example/c/T") == true && counted.html?.contains("src=\"https://g.example/o/T\"") == true)
        #expect(counted.html?.contains("https://example.org/?a=1") == false && counted.text == plain.text)
    }

    @Test func `nothing is made to be counted where the campaign counts nothing`() throws {
        let content = CampaignContent(subject: "x", format: .html, body: "<p><a href=\"https://example.org/\">A</a></p>")
        let frame = CampaignDesign.Frame(from: "a@example.org", listTitle: "News", listID: "n", headers: [])
        let design = try CampaignDesign(content, body: content.body, frame: frame)
        let counting = CampaignDesign.Counting(links: ["https://g.example/c/T"], pixel: "https://g.example/o/T")
        let copy = design.copy(to: "p@example.net", attributes: [:], unsubscribe: "U", counting: counting, headers: [])
        #expect(design.links.isEmpty && copy.html?.contains("g.example") == false)
    }

    @Test func `tags lead to the person's pages`() throws {
        let content = CampaignContent(subject: "x", format: .plain, body: "{{preferences}} {{browser}} {{unsubscribe}}\n{{postal}}")
        let frame = CampaignDesign.Frame(from: "a@example.org", listTitle: "News", listID: "n", headers: [])
        let design = try CampaignDesign(content, body: content.body, frame: frame)
        let copy = design.copy(to: "p@example.net", attributes: [:], unsubscribe: "U", preferences: "P", browser: "B", headers: [])
        #expect(copy.text?.hasPrefix("P B U") == true && design.bareNames.isEmpty)
    }
}
