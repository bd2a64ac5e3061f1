import MailModel
import Testing

@testable import ProviderTwin

@Suite("The built-in receiver's model")
struct TwinReceiverTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }
    private func code(_ decision: TwinReceiver.RecipientDecision) -> String {
        switch decision {
        case .accept: "accept"
        case .refuse(let reply): "\(reply.code) \(reply.enhancedCode?.description ?? "")"
        case .close(let reply): "\(reply.code) \(reply.enhancedCode?.description ?? "") close"
        }
    }

    static let atRecipient = [
        ("bounce@example.org", "550 5.1.1"), ("Bounce+order-17@example.org", "550 5.1.1"), ("full@example.org", "452 4.2.2"),
        ("full-forever@example.org", "552 5.2.2"), ("busy@example.org", "421 4.3.2 close"), ("refuse-551@example.org", "551 5.0.0"),
        ("refuse-400@example.org", "400 4.0.0"), ("refuse-599@example.org", "599 5.0.0"), ("refuse-399@example.org", "accept"),
        ("refuse-600@example.org", "accept"), ("refuse-421@example.org", "accept"), ("refuse-@example.org", "accept"),
        ("refuse-5510@example.org", "accept"), ("refuse-data-550@example.org", "accept"), ("slow@example.org", "accept"),
        ("drop@example.org", "accept"), ("spam@example.org", "accept"), ("anna@example.org", "accept"), ("bouncer@example.org", "accept"),
    ]

    @Test(arguments: atRecipient) func `the local part decides the reply to RCPT`(recipient: String, expected: String) throws {
        var receiver = TwinReceiver()
        let decision = receiver.recipientNamed(try address(recipient), from: .address(try address("a@example.com")), at: start)
        #expect(code(decision) == expected)
    }

    static let atDot: [([String], String)] = [
        (["anna"], "keep 0"), (["slow"], "keep 5"), (["slow-30"], "keep 30"), (["slow-600"], "keep 600"), (["slow-601"], "keep 0"),
        (["slow-0"], "keep 0"), (["refuse-data-552"], "refuse 552"), (["refuse-data-421"], "keep 0"), (["spam"], "refuse 550"),
        (["drop"], "drop"), (["accept-then-drop"], "keep and drop"), (["anna", "slow", "slow-9"], "keep 9"),
        (["slow-600", "refuse-data-450"], "refuse 450"), (["refuse-data-450", "spam"], "refuse 550"),
        (["spam", "accept-then-drop"], "keep and drop"), (["accept-then-drop", "drop"], "drop"),
    ]

    @Test(arguments: atDot) func `the gravest wish of the recipients decides at the dot`(names: [String], expected: String) throws {
        let decision = TwinReceiver().contentEnded(for: try names.map { try address("\($0)@example.org") })
        let words =
            switch decision {
            case .keep(let delay): "keep \(delay.milliseconds / 1000)"
            case .refuse(let reply): "refuse \(reply.code)"
            case .drop(let isKept): isKept ? "keep and drop" : "drop"
            }
        #expect(words == expected)
    }

    @Test func `a greylisted pair is taken when it comes again after the delay`() throws {
        var receiver = TwinReceiver()
        let recipient = try address("greylist@example.org")
        let sender = ReversePath.address(try address("a@example.com"))
        #expect(code(receiver.recipientNamed(recipient, from: sender, at: start)) == "451 4.7.1")
        #expect(code(receiver.recipientNamed(recipient, from: sender, at: start + .milliseconds(29_999))) == "451 4.7.1")
        #expect(code(receiver.recipientNamed(recipient, from: sender, at: start + .seconds(30))) == "accept")
        #expect(code(receiver.recipientNamed(recipient, from: .null, at: start + .seconds(30))) == "451 4.7.1")
        #expect(code(receiver.recipientNamed(recipient, from: sender, at: start + .seconds(86_400))) == "451 4.7.1")
    }

    @Test func `the greylist's memory is bounded`() throws {
        var settings = TwinReceiver.Settings()
        settings.greylistPairsMax = 3
        var receiver = TwinReceiver(settings)
        for number in 0..<20 {
            _ = receiver.recipientNamed(try address("greylist+\(number)@example.org"), from: .null, at: start)
            #expect(receiver.greylistPairs == min(3, number + 1))
        }
        let later = start + .seconds(60)
        #expect(code(receiver.recipientNamed(try address("greylist+19@example.org"), from: .null, at: later)) == "accept")
        #expect(code(receiver.recipientNamed(try address("greylist+0@example.org"), from: .null, at: later)) == "451 4.7.1")
    }

    @Test func `a throttled address takes ten recipients a minute`() throws {
        var receiver = TwinReceiver()
        let minute = Timestamp(seconds: 1_800_000_000)
        let recipient = try address("throttle@example.org")
        let codes = (0..<11).map { _ in code(receiver.recipientNamed(recipient, from: .null, at: minute)) }
        #expect(codes == [String](repeating: "accept", count: 10) + ["450 4.2.1"])
        #expect(code(receiver.recipientNamed(try address("throttle+b@example.org"), from: .null, at: minute)) == "accept")
        #expect(code(receiver.recipientNamed(recipient, from: .null, at: minute + .seconds(60))) == "accept")
    }

    @Test func `addresses beyond the throttle's memory are turned away`() throws {
        var settings = TwinReceiver.Settings()
        settings.throttledAddressesMax = 1
        var receiver = TwinReceiver(settings)
        #expect(code(receiver.recipientNamed(try address("throttle+a@example.org"), from: .null, at: start)) == "accept")
        #expect(code(receiver.recipientNamed(try address("throttle+b@example.org"), from: .null, at: start)) == "450 4.2.1")
        #expect(code(receiver.recipientNamed(try address("throttle+a@example.org"), from: .null, at: start)) == "accept")
    }
}
