import MailModel
import Testing

@testable import MailAuthentication

@Suite struct SenderRewritingTests {
    private let ours: SenderRewriting
    private let next: SenderRewriting
    private let third: SenderRewriting
    private let sender = EmailAddress("anna@sender.example")!
    private let day: Int32 = 20_779

    init() throws {
        func scheme(_ domain: String, _ octet: UInt8) throws -> SenderRewriting {
            SenderRewriting(domain: try #require(DomainName(domain)), key: [UInt8](repeating: octet, count: 32))
        }
        ours = try scheme("gate.example.org", 7)
        next = try scheme("next.example", 8)
        third = try scheme("third.example", 9)
    }

    private func rewritten(_ scheme: SenderRewriting, _ address: EmailAddress) throws -> EmailAddress {
        try #require(try scheme.rewritten(.address(address), day: day))
    }

    @Test func whatIsRewrittenFindsItsWayBackInAnyCase() throws {
        let address = try rewritten(ours, sender)
        #expect(
            address.description.hasPrefix("SRS0=") && address.description.hasSuffix("=sender.example=anna@gate.example.org"), "\(address)")
        #expect(try ours.reversed(address, day: day).get() == sender)
        for text in [address.description.lowercased(), address.description.uppercased()] {
            #expect(try ours.reversed(try #require(EmailAddress(text)), day: day).get() == sender)
        }
        // Others write the separator as plus or minus.
        let plus = try #require(EmailAddress("SRS0+\(address.localPart.dropFirst(5))@gate.example.org"))
        #expect(try ours.reversed(plus, day: day).get() == sender)
        let odd = try #require(EmailAddress("a=b=c@sender.example"))
        #expect(try ours.reversed(try rewritten(ours, odd), day: day).get() == odd)
    }

    @Test func whatOthersHaveRewrittenLeadsBackToTheFirstOfThem() throws {
        let first = try rewritten(next, sender)
        let second = try rewritten(ours, first)
        #expect(second.localPart.hasPrefix("SRS1=") && second.localPart.contains("=next.example=="), "\(second)")
        #expect(try ours.reversed(second, day: day).get() == first)
        #expect(try next.reversed(try ours.reversed(second, day: day).get(), day: day).get() == sender)
        // A third does not make it longer: it leads to the first as well.
        let last = try rewritten(third, second)
        #expect(last.localPart.utf8.count == second.localPart.utf8.count)
        #expect(try third.reversed(last, day: day).get() == first)
    }

    @Test func whatNeedsNoneIsLeftAlone() throws {
        #expect(try ours.rewritten(.null, day: day) == nil)
        for text in ["kim@gate.example.org", "kim@sub.gate.example.org", "kim@[192.0.2.1]"] {
            #expect(try ours.rewritten(.address(try #require(EmailAddress(text))), day: day) == nil, "\(text)")
        }
    }

    /// RFC 5321 gives a local part 64 octets.
    @Test func whatHasNoRoomIsLeftAlone() throws {
        let host = "sender.example"
        let room = 64 - "SRS0=XXXXXXXX=XX=\(host)=".utf8.count
        let fits = try #require(EmailAddress("\(String(repeating: "a", count: room))@\(host)"))
        let address = try rewritten(ours, fits)
        #expect(address.localPart.utf8.count == 64)
        #expect(try ours.reversed(address, day: day).get() == fits)
        let long = try #require(EmailAddress("\(String(repeating: "a", count: room + 1))@\(host)"))
        #expect(try ours.rewritten(.address(long), day: day) == nil)
    }

    @Test func nobodyElseMakesOne() throws {
        let address = try rewritten(ours, sender)
        let octets = Array(address.localPart.utf8)
        for place in 5..<octets.count {
            for octet in Array("Az7=".utf8) where octet != octets[place] && octet ^ 0x20 != octets[place] {
                var changed = octets
                changed[place] = octet
                guard let forged = EmailAddress("\(String(decoding: changed, as: UTF8.self))@gate.example.org") else { continue }
                let result = try ours.reversed(forged, day: day)
                #expect(result == .failure(.forged) || result == .failure(.unreadable), "\(forged)")
            }
        }
        let foreign = SenderRewriting(domain: ours.domain, key: [UInt8](repeating: 1, count: 32))
        #expect(try foreign.reversed(address, day: day) == .failure(.forged))
        #expect(try next.reversed(address, day: day) == .failure(.notOurs))
        for local in ["SRS0", "SRS0=", "SRS0=a", "SRS0=a=b=c", "SRS1=a==b", "SRS1=a=b", "SRS9=a=b=c=d", "postmaster"] {
            let odd = try #require(EmailAddress("\(local)@gate.example.org"))
            #expect(throws: SenderRewriting.Fault.self) { try ours.reversed(odd, day: day).get() }
        }
    }

    @Test func anOldOneLeadsNowhere() throws {
        let address = try rewritten(ours, sender)
        let last = day + SenderRewriting.daysKept
        #expect(try ours.reversed(address, day: last).get() == sender)
        #expect(try ours.reversed(address, day: last + 1) == .failure(.expired))
        // The stamp goes round after 1024 days.
        let late = try #require(try ours.rewritten(.address(sender), day: 1023))
        #expect(try ours.reversed(late, day: 1024).get() == sender)
        // From a clock that is ahead, it is as good as old.
        #expect(try ours.reversed(late, day: 1022) == .failure(.expired))
    }
}
