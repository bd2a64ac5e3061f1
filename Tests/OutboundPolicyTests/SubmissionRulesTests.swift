import InternetMessage
import MailModel
import OutboundPolicy
import Testing

@Suite struct SubmissionRulesTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let rules = SubmissionRules(receivedMax: 3, futureReleaseMax: .seconds(3600))

    private var account: Submitter {
        var account = Account(address: EmailAddress("kim@home.test")!, passwordHash: nil)
        account.grants = [.domain(DomainName("team.test")!)]
        return Submitter(account)
    }

    private func connector(_ change: (inout Connector) -> Void = { _ in }) -> Submitter {
        var connector = Connector(name: "scanner")
        connector.grants = [.address(EmailAddress("scan@home.test")!)]
        change(&connector)
        return Submitter(connector)
    }

    private func sender(
        _ path: String, as submitter: Submitter?, isEncrypted: Bool = true, release: FutureRelease? = nil, rules: SubmissionRules? = nil
    ) -> Verdict {
        var parameters = MailParameters()
        parameters.futureRelease = release
        return (rules ?? self.rules).sender(
            EmailAddress(path).map(ReversePath.address) ?? .null, parameters, submitter: submitter, isEncrypted: isEncrypted,
            peer: IPAddress("192.0.2.7"), at: now)
    }

    private func expectRefusal(
        _ verdict: Verdict, _ code: String, rule: String, matched: String? = nil, names: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .refuse(let reply, let findings) = verdict else {
            Issue.record("not refused", sourceLocation: sourceLocation)
            return
        }
        #expect("\(reply.code) \(reply.enhancedCode?.description ?? "")" == code, sourceLocation: sourceLocation)
        #expect(findings.map(\.rule) == [rule], sourceLocation: sourceLocation)
        if let matched { #expect(findings.map(\.matched) == [matched], sourceLocation: sourceLocation) }
        for name in names { #expect(reply.text.contains(name), "\(reply.text)", sourceLocation: sourceLocation) }
    }

    @Test func aSubmitterMayUseItsOwnAddressesAndNull() {
        #expect(sender("kim@home.test", as: account) == .accept([]))
        #expect(sender("KIM@HOME.test", as: account) == .accept([]))
        #expect(sender("anyone@team.test", as: account) == .accept([]))
        #expect(sender("", as: account) == .accept([]))
        #expect(sender("scan@home.test", as: connector()) == .accept([]))
    }

    @Test func withoutSigningInNothingIsTaken() {
        expectRefusal(
            sender("kim@home.test", as: nil), "530 5.7.57", rule: "submission.not-authenticated", matched: "192.0.2.7",
            names: ["sign in first", "192.0.2.7"])
        expectRefusal(
            sender("kim@home.test", as: nil, isEncrypted: false), "530 5.7.57", rule: "submission.not-authenticated",
            names: ["use STARTTLS and sign in", "192.0.2.7"])
        expectRefusal(sender("", as: nil), "530 5.7.57", rule: "submission.not-authenticated", names: [])
    }

    @Test func plaintextIsTakenOnlyWhereTheConnectorSaysSo() {
        expectRefusal(
            sender("scan@home.test", as: connector(), isEncrypted: false), "530 5.7.0", rule: "submission.plaintext", matched: "scanner",
            names: ["STARTTLS", "scanner"])
        #expect(sender("scan@home.test", as: connector { $0.allowsPlaintext = true }, isEncrypted: false) == .accept([]))
    }

    @Test func aForeignEnvelopeSenderIsRefusedWithTheCommandThatGrantsIt() {
        expectRefusal(
            sender("Boss@home.test", as: account), "550 5.7.60", rule: "send-as.envelope", matched: "boss@home.test",
            names: ["kim@home.test may not send as Boss@home.test", "MAIL FROM", "postern accounts grant kim@home.test Boss@home.test"])
        expectRefusal(
            sender("kim@home.test", as: connector()), "550 5.7.60", rule: "send-as.envelope",
            names: ["scanner may not send as kim@home.test", "postern connectors grant scanner kim@home.test"])
        expectRefusal(sender("a@x.team.test", as: account), "550 5.7.60", rule: "send-as.envelope", names: ["a@x.team.test"])
    }

    @Test func aReleaseTimeHasALimit() {
        #expect(sender("kim@home.test", as: account, release: .holdFor(seconds: 3600)) == .accept([]))
        #expect(sender("kim@home.test", as: account, release: .holdUntil(now - .seconds(5))) == .accept([]))
        let tooFar = (now + .seconds(3601)).rfc3339
        for release in [FutureRelease.holdFor(seconds: 3601), .holdUntil(now + .seconds(3601))] {
            expectRefusal(
                sender("kim@home.test", as: account, release: release), "501 5.5.4", rule: "submission.future-release", matched: tooFar,
                names: [])
        }
        expectRefusal(
            sender("kim@home.test", as: account, release: .holdFor(seconds: 1), rules: SubmissionRules()), "501 5.5.4",
            rule: "submission.future-release", names: [])
    }

    private func facts(from: [String] = ["kim@home.test"], sender: String? = nil, received: Int = 0, defects: [MessageDefect] = [])
        -> MessageFacts
    {
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = from.map { EmailAddress($0)! }
        facts.sender = sender.map { EmailAddress($0)! }
        facts.receivedCount = received
        facts.headerFromText = from.joined(separator: ", ")
        facts.defects = defects
        return facts
    }

    @Test func aMessageOfTheSubmitterIsTaken() {
        #expect(rules.content(facts(), submitter: account) == .accept([]))
        #expect(rules.content(facts(from: ["kim@home.test", "lee@team.test"], sender: "kim@home.test"), submitter: account) == .accept([]))
        #expect(rules.content(facts(received: 3), submitter: account) == .accept([]))
    }

    @Test func aMessageThatGoesInACircleIsRefused() {
        expectRefusal(
            rules.content(facts(received: 4), submitter: account), "554 5.4.6", rule: "message.loop", matched: "4",
            names: ["4 Received", "more than 3"])
    }

    @Test func everyAddressInFromAndSenderMustBeGranted() {
        expectRefusal(
            rules.content(facts(from: ["kim@home.test", "Boss@home.test"]), submitter: account), "550 5.7.60", rule: "send-as.from",
            matched: "boss@home.test",
            names: [
                "kim@home.test may not send as Boss@home.test", "the From field", "postern accounts grant kim@home.test Boss@home.test",
            ])
        expectRefusal(
            rules.content(facts(sender: "boss@home.test"), submitter: account), "550 5.7.60", rule: "send-as.sender",
            matched: "boss@home.test",
            names: ["the Sender field", "postern accounts grant kim@home.test boss@home.test"])
        expectRefusal(
            rules.content(facts(from: ["kim@home.test"]), submitter: connector()), "550 5.7.60", rule: "send-as.from",
            names: ["postern connectors grant scanner kim@home.test"])
    }

    static let refused: [(MessageDefect, String)] = [
        (.missingFrom, "message.from-missing"), (.unreadableFrom(text: "why"), "message.from-unreadable"),
        (.fromWithoutAddress, "message.from-empty"), (.unreadableSender(text: "why"), "message.sender-unreadable"),
        (.missingSender, "message.sender-missing"), (.repeatedField(name: "from", count: 2), "message.repeated-field"),
        (.repeatedField(name: "sender", count: 2), "message.repeated-field"),
        (.controlCharacter(name: "from"), "message.control-character"),
    ]

    @Test(arguments: refused) func whoWroteAMessageMustNotBeInDoubt(defect: MessageDefect, rule: String) {
        expectRefusal(
            rules.content(facts(defects: [.headerNotUTF8, defect]), submitter: account), "550 5.6.0", rule: rule, matched: "kim@home.test",
            names: [defect.description])
    }

    @Test(arguments: [
        MessageDefect.headerNotUTF8, .repeatedField(name: "subject", count: 2), .controlCharacter(name: "subject"),
        .repeatedField(name: "to", count: 9),
    ])
    func otherDefectsPass(defect: MessageDefect) { #expect(rules.content(facts(defects: [defect]), submitter: account) == .accept([])) }

    @Test func theSenderIsWhomTheConnectorNames() {
        func name(_ identity: SenderIdentity, path: String = "Env@x.test", from: [String] = ["From@x.test"]) -> String {
            rules.senderName(
                connector { $0.senderIdentity = identity }, reversePath: EmailAddress(path).map(ReversePath.address) ?? .null,
                facts: facts(from: from)
            ) { field in field == "X-Sender" ? EmailAddress("Header@x.test") : nil }
        }
        #expect(name(.connector) == "connector:scanner")
        #expect(name(.envelopeSender) == "env@x.test")
        #expect(name(.fromAddress) == "from@x.test")
        #expect(name(.header("X-Sender")) == "header@x.test")
        // Where the fact is missing it is the connector, never nobody.
        #expect(name(.envelopeSender, path: "") == "connector:scanner")
        #expect(name(.fromAddress, from: []) == "connector:scanner")
        #expect(name(.header("X-Other")) == "connector:scanner")
    }

    @Test func theSenderOfAnAccountIsTheAccount() {
        let name = rules.senderName(account, reversePath: .address(EmailAddress("a@team.test")!), facts: facts(from: ["b@team.test"])) {
            _ in nil
        }
        #expect(name == "kim@home.test")
    }

    @Test func anAccountAlwaysNeedsTLS() {
        #expect(account.requiresTLS)
        #expect(account.principal.description == "account:kim@home.test")
        #expect(connector().principal.description == "connector:scanner")
    }
}
