import ContentReading
import ContentScan
import MailModel
import Testing

/// Copies of one text are known for what they are, with names, numbers and salt put in; other texts are not.
@Suite struct DuplicateTests {
    private static let letter = """
        Dear {name}, we are pleased to tell you that your mailbox has been chosen for our autumn draw. To claim the voucher that is waiting for \
        you, open the page below before the end of the week and confirm your address. The code {code} is yours alone. Our colleagues in the \
        shop will be glad to help with any question about the prize, and wish you a pleasant weekend with your family and friends.
        """
    private static let vocabulary = """
        river table orange seldom marble garden winter bottle silent corner paper lantern yellow forest silver pocket window thunder velvet \
        candle meadow copper harbour puzzle ribbon saddle timber walnut anchor blanket cotton desert engine feather glacier hammer island
        """.split(separator: " ").map(String.init)

    private func copy(_ number: UInt64, salt: Int, link: String = "") -> Sketch {
        var generator = SplitMix(state: number)
        let words = (0..<salt).map { _ in DuplicateTests.vocabulary[Int(generator.next() % UInt64(DuplicateTests.vocabulary.count))] }
        let name = DuplicateTests.vocabulary[Int(generator.next() % UInt64(DuplicateTests.vocabulary.count))]
        let text = DuplicateTests.letter.replacing("{name}", with: name).replacing("{code}", with: "\(generator.next())")
        return Sketch(facts(plain("\(text)\n\(link)\n\(words.joined(separator: " "))", subject: "\(name) \(number)")).content)
    }

    private func member(_ number: Int, sender: String = "anna@example.org", recipients: Int = 1, at second: Int64 = 0)
        -> DuplicateGroup.Member
    {
        DuplicateGroup.Member(
            message: "m\(number)", sender: sender, connector: "office", recipients: recipients, at: Timestamp(seconds: second))
    }

    /// With figures: of 500 copies with a name, a code and twenty random words each, so many are found in the group of the first.
    @Test(arguments: [(salt: 0, found: 500), (20, 495), (40, 400)]) func saltDoesNotHideACopy(_ salt: Int, _ found: Int) {
        var index = DuplicateIndex()
        var figures: DuplicateFigures?
        for number in 0..<500 { figures = index.seen(copy(UInt64(number), salt: salt), member(number)) ?? figures }
        #expect((index.largest(1, at: Timestamp(seconds: 0)).first?.figures.messages ?? 0) >= found)
    }

    @Test func withTheSameLinksMoreSaltIsSeenThrough() {
        let first = copy(1, salt: 150, link: "https://shop.example/claim/81723912")
        let second = copy(2, salt: 150, link: "https://shop.example/claim/99120001")
        #expect(first.likeness(second) < 0.35)
        #expect(first.isLike(second))
    }

    @Test func fiveSendersAreOnePatternWithItsMembers() throws {
        var index = DuplicateIndex()
        var figures = DuplicateFigures()
        for number in 0..<100 {
            let seen = index.seen(copy(UInt64(number), salt: 5), member(number, sender: "u\(number % 5)@example.org", at: Int64(number)))
            figures = try #require(seen)
        }
        #expect(figures == DuplicateFigures(messages: 100, recipients: 100, senders: 5, connectors: 1))
        #expect(figures.isMany)
        let group = try #require(index.group(like: copy(1, salt: 5)))
        #expect(Set(group.members.map(\.sender)).count == 5)
        #expect(group.members.count == 50)
    }

    @Test func otherTextsAreOtherGroups() {
        var index = DuplicateIndex()
        for number in 0..<300 {
            var generator = SplitMix(state: UInt64(number))
            let words = (0..<60).map { _ in DuplicateTests.vocabulary[Int(generator.next() % UInt64(DuplicateTests.vocabulary.count))] }
            _ = index.seen(Sketch(facts(plain(words.joined(separator: " "))).content), member(number))
        }
        #expect(index.count == 300)
        #expect(index.largest(10, at: Timestamp(seconds: 0)).isEmpty)
    }

    @Test func aMessageWithoutTextIsLikeNoOther() {
        var index = DuplicateIndex()
        #expect(index.seen(Sketch(facts(plain("Hi")).content), member(1)) == nil)
        #expect(index.count == 0)
    }

    @Test func whatIsOlderThanTheWindowDoesNotCount() throws {
        var index = DuplicateIndex()
        _ = index.seen(copy(1, salt: 0), member(1, recipients: 400, at: 0))
        let later = index.seen(copy(2, salt: 0), member(2, sender: "b@example.org", at: 90_000))
        #expect(later == DuplicateFigures(messages: 1, recipients: 1, senders: 1, connectors: 1))
        let soon = index.seen(copy(3, salt: 0), member(3, sender: "c@example.org", at: 100_000))
        #expect(soon?.messages == 2 && soon?.senders == 2)
    }

    @Test func theMemoryIsBounded() {
        var index = DuplicateIndex(limits: DuplicateIndex.Limits(groupsMax: 50, membersMax: 3))
        for number in 0..<500 {
            var generator = SplitMix(state: UInt64(number) &* 977)
            let words = (0..<40).map { _ in "w" + String(generator.next(), radix: 25).filter(\.isLetter) }
            _ = index.seen(Sketch(facts(plain(words.joined(separator: " "))).content), member(number, at: Int64(number)))
        }
        #expect(index.count <= 50)
        for number in 0..<20 { _ = index.seen(copy(UInt64(number), salt: 0), member(number, at: 600)) }
        #expect(index.group(like: copy(1, salt: 0))?.members.count == 3)
        #expect(index.count <= 50)
    }

    @Test func itSurvivesARestart() throws {
        var index = DuplicateIndex()
        for number in 0..<30 { _ = index.seen(copy(UInt64(number), salt: 5), member(number, sender: "u\(number % 3)@example.org")) }
        var restored = try #require(DuplicateIndex(octets: index.octets))
        #expect(restored.octets == index.octets)
        let next = member(99)
        let sketch = copy(31, salt: 5)
        #expect(restored.seen(sketch, next) == index.seen(sketch, next))
        for length in stride(from: 0, to: index.octets.count - 1, by: 97) {
            #expect(DuplicateIndex(octets: Array(index.octets.prefix(length))) == nil)
        }
        #expect(Sketch(octets: sketch.octets) == sketch)
        #expect(Sketch(octets: sketch.octets + [0]) == nil)
    }

    /// Four mailboxes with one text are bulk, and stand in the findings.
    @Test func aGroupCountsInTheVerdict() {
        var many = facts(plain("Hello"))
        many.likes = DuplicateFigures(messages: 40, recipients: 40, senders: 4, connectors: 1)
        let verdict = ContentScan.scan(many, knowledge: ScanKnowledge(), at: Timestamp(seconds: 0))
        #expect(verdict.rules.contains(ScanRule.duplicates.rawValue))
        #expect(verdict.kind == .bulk)
    }
}
