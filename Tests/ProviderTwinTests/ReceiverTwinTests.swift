import MailModel
import Testing

@testable import ProviderTwin

@Suite struct ReceiverTwinTests {
    private let start = Timestamp(seconds: 1_795_338_000)

    private func address() throws -> IPAddress { try #require(IPAddress("192.0.2.7")) }

    private func facts(_ from: String = "news@example.org") -> ExchangeContentFacts {
        var facts = ExchangeContentFacts()
        facts.from = EmailAddress(from)
        return facts
    }

    private func send(_ twin: inout ReceiverTwin, _ count: Int, at now: Timestamp) throws -> (taken: Int, last: SMTPReply?) {
        var taken = 0
        var last: SMTPReply?
        let source = try address()
        let to = try #require(EmailAddress("x@receiver.test"))
        for index in 0..<count {
            let decision = twin.submitted(facts(), recipients: [to], from: source, at: now + .milliseconds(index))
            if decision.reply.isPositive { taken += 1 } else { last = decision.reply }
        }
        return (taken, last)
    }

    @Test(arguments: [
        (
            ReceiverProvider.gmail,
            "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address 192.0.2.7."
        ),
        (.outlook, "451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation."),
        (.yahoo, "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints"),
        (.apple, "421 4.7.1 Messages to x@receiver.test deferred due to excessive volume."),
    ]) func `a new address is to begin slowly`(_ provider: ReceiverProvider, _ reply: String) throws {
        var twin = ReceiverTwin(provider)
        let first = try send(&twin, 2000, at: start)
        #expect(first.taken == 500 && (first.last.map { "\($0)" } ?? "").hasPrefix(reply), "\(first)")
        // A little after each ten minutes, and twice as much on the next day.
        let later = try send(&twin, 100, at: start + .seconds(700))
        #expect(later.taken == 25)
        let tomorrow = try send(&twin, 2000, at: start + .seconds(86_400))
        #expect(tomorrow.taken == 1050)
    }

    @Test(arguments: [
        (ReceiverProvider.gmail, "550 5.7.26 This mail is unauthenticated"),
        (.outlook, "550 5.7.515 Access denied, sending domain example.org"),
        (.yahoo, "554 5.7.9 Message not accepted for policy reasons."),
        (.apple, "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM"),
    ]) func `mail that nothing vouches for is refused`(_ provider: ReceiverProvider, _ reply: String) throws {
        var twin = ReceiverTwin(provider)
        var found = ReceiverAuthentication()
        (found.spf, found.dkim, found.dmarc) = (false, false, false)
        twin.authenticate(try #require(DomainName("example.org")), as: found)
        let sent = try send(&twin, 1, at: start)
        #expect(sent.taken == 0 && (sent.last.map { "\($0)" } ?? "").hasPrefix(reply), "\(sent)")
    }

    @Test func `whoever sends bulk has to meet all demands`() throws {
        var settings = ReceiverDemands(.outlook)
        (settings.startVolume, settings.bulkFrom) = (0, 50)
        var twin = ReceiverTwin(.outlook, settings)
        var found = ReceiverAuthentication()
        found.spf = false
        twin.authenticate(try #require(DomainName("example.org")), as: found)
        let sent = try send(&twin, 60, at: start)
        #expect(sent.taken == 50)
        #expect(sent.last?.text.hasSuffix("Spf= Fail , Dkim= Pass , DMARC= Pass") == true)
    }

    @Test func `complaints move mail to junk, then hold it`() throws {
        var settings = ReceiverDemands(.gmail)
        settings.startVolume = 0
        var twin = ReceiverTwin(.gmail, settings)
        let domain = try #require(DomainName("example.org"))
        let (source, to) = (try address(), try #require(EmailAddress("x@receiver.test")))
        #expect(try send(&twin, 1000, at: start).taken == 1000)
        twin.complained(about: domain, from: nil, count: 2, at: start + .seconds(60))
        let junk = twin.submitted(facts(), recipients: [to], from: source, at: start + .seconds(61))
        guard case .accepted(_, _, .junk) = junk else { return #expect(Bool(false), "\(junk)") }
        twin.complained(about: domain, from: nil, count: 2, at: start + .seconds(70))
        let held = twin.submitted(facts(), recipients: [to], from: source, at: start + .seconds(71)).reply
        #expect(held.code == 421)
    }

    @Test func `asking for many unknown recipients holds everything`() throws {
        var settings = ReceiverDemands(.yahoo)
        settings.startVolume = 0
        var twin = ReceiverTwin(.yahoo, settings)
        let (source, nobody) = (try address(), try #require(EmailAddress("unknown7@yahoo.test")))
        for index in 0..<100 {
            let reply = twin.recipient(nobody, reversePath: .null, from: source, at: start + .milliseconds(index))
            #expect("\(reply)" == "554 delivery error: dd This user doesn't have a yahoo.test account (unknown7@yahoo.test) [0]")
        }
        #expect(try send(&twin, 1, at: start + .seconds(1)).taken == 0)
        #expect(try send(&twin, 1, at: start + .seconds(7200)).taken == 1)
    }

    @Test func `a receiver of an organisation greylists, and knows no reputation`() throws {
        var twin = ReceiverTwin(.postfix)
        let (source, to) = (try address(), try #require(EmailAddress("x@receiver.test")))
        let sender = ReversePath.address(try #require(EmailAddress("a@example.org")))
        let codes = [0, 10, 300].map { twin.recipient(to, reversePath: sender, from: source, at: start + .seconds($0)).code }
        #expect(codes == [450, 450, 250])
        #expect(try send(&twin, 3000, at: start + .seconds(400)).taken == 3000)
    }

    @Test func `connections of one address are bounded`() throws {
        var twin = ReceiverTwin(.apple)
        let source = try address()
        var refused = 0
        for _ in 0..<12 where twin.opened(from: source) != nil { refused += 1 }
        #expect(refused == 2)
        twin.closed(from: source)
        let again = twin.opened(from: source)
        #expect(again == nil)
    }
}
