import ContentReading
import ContentScan
import Foundation
import MailModel
import Testing

/// Learning, keeping and judging words.
@Suite struct WordTests {
    private static let spam = [
        "cheap pills online pharmacy no prescription needed today", "make money fast from home with this secret system",
    ]
    private static let ham = [
        "the meeting about the release moved to thursday afternoon", "the patch fixes the build on my laptop thanks for it",
    ]

    private func model(messages: Int = 60) -> WordModel {
        var model = WordModel()
        for number in 0..<messages {
            for (texts, isSpam) in [(WordTests.spam, true), (WordTests.ham, false)] {
                let lesson = ContentScan.lesson(
                    facts(plain("\(texts[number % 2]) number\(number)x")), knowledge: ScanKnowledge(), isSpam: isSpam)
                model.learn(lesson.tokens, as: lesson.kind)
            }
        }
        return model
    }

    @Test func whatWasLearntIsKnownAgainAndSaysWhy() throws {
        let knowledge = ScanKnowledge(words: model())
        let spam = scan(plain("Cheap PILLS online pharmacy: no prescription needed"), knowledge: knowledge)
        #expect(spam.kind == .spam || spam.kind == .suspicious)
        let finding = try #require(spam.findings.first { $0.finding.rule == "scan.words.spam" })
        #expect(finding.finding.matched.lowercased().contains("pharmacy"))
        let ham = scan(plain("The meeting about the release is on friday, the patch fixes the build"), knowledge: knowledge)
        #expect(ham.kind == .clean && ham.rules == [ScanRule.hamWords.rawValue])
    }

    @Test func tooLittleLearntSaysNothing() {
        #expect(scan(plain(WordTests.spam[0]), knowledge: ScanKnowledge(words: model(messages: 20))).rules.isEmpty)
    }

    @Test func whatIsKeptForJudgingJudgesAsTheModelOnFile() throws {
        #expect(WordWeights(WordModel()) == nil && WordWeights(model(messages: 20)) == nil)
        let model = model()
        let read = try #require(WordModel(octets: model.octets))
        for text in WordTests.spam + WordTests.ham + ["cheap patch from the secret meeting with no prescription for the laptop"] {
            let verdict = scan(plain(text), knowledge: ScanKnowledge(words: model))
            let other = scan(plain(text), knowledge: ScanKnowledge(words: read))
            #expect(verdict.score == other.score && verdict.findings.map(\.finding) == other.findings.map(\.finding))
            #expect(verdict.findings.contains { $0.finding.rule.hasPrefix("scan.words.") && $0.finding.matched.contains(" · ") })
        }
    }

    @Test func theOrderOfLearningSaysNothing() {
        let lessons = (0..<40).map { number in
            ContentScan.lesson(
                facts(plain(number % 2 == 0 ? WordTests.spam[number / 2 % 2] : WordTests.ham[number / 2 % 2])), knowledge: ScanKnowledge(),
                isSpam: number % 2 == 0)
        }
        var (one, other) = (WordModel(), WordModel())
        for lesson in lessons { one.learn(lesson.tokens, as: lesson.kind) }
        for lesson in lessons.reversed() { other.learn(lesson.tokens, as: lesson.kind) }
        #expect(one.octets == other.octets)
    }

    @Test func aModelComesBackFromItsOctetsOrNotAtAll() throws {
        let octets = model().octets
        #expect(try #require(WordModel(octets: octets)).octets == octets)
        for length in stride(from: 0, to: octets.count, by: 101) { #expect(WordModel(octets: Array(octets.prefix(length))) == nil) }
        for place in stride(from: 0, to: octets.count, by: 211) {
            var damaged = octets
            damaged[place] ^= 0x40
            #expect(WordModel(octets: damaged) == nil)
        }
    }

    @Test func aModelStaysWithinItsBounds() {
        var model = WordModel()
        var generator = SplitMix(state: 3)
        for _ in 0..<220 {
            let words = (0..<4_000).map { _ in String(generator.next(), radix: 36).filter(\.isLetter) }
            model.learn(
                ContentScan.lesson(facts(plain(words.joined(separator: " "))), knowledge: ScanKnowledge(), isSpam: true).tokens, as: .spam)
        }
        model.prune()
        #expect(model.wordCount <= WordModel.wordsMax)
        #expect(model.count(.spam) == 220)
    }

    @Test func newslettersAreAClassOfTheirOwn() {
        let links = (0..<4).map { "<a href='http://news.example/\($0)'>read</a>" }.joined()
        let newsletter = facts(html("<p>Our news of the week</p>\(links)<a href='http://news.example/u'>Unsubscribe</a>"))
        #expect(ContentScan.lesson(newsletter, knowledge: ScanKnowledge(), isSpam: false).kind == .bulk)
        #expect(ContentScan.lesson(newsletter, knowledge: ScanKnowledge(), isSpam: true).kind == .spam)
        #expect(ContentScan.lesson(facts(plain("Hi")), knowledge: ScanKnowledge(), isSpam: false).kind == .personal)
        #expect(ContentScan.scan(newsletter, knowledge: ScanKnowledge(), at: Timestamp(seconds: 0)).kind == .bulk)
    }
}
