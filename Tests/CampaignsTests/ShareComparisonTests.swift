import Campaigns
import Testing

struct ShareComparisonTests {
    private func comparison(_ a: (Int, Int), _ b: (Int, Int)) -> ShareComparison {
        ShareComparison(.init(people: a.1, counted: a.0), .init(people: b.1, counted: b.0))
    }

    /// Figures held against a table of the normal distribution: 60 of 1000 and 90 of 1000 are 2.55 standard errors apart.
    @Test func `a difference is one beyond chance alone`() {
        let clear = comparison((60, 1000), (90, 1000))
        #expect(abs(clear.z + 2.546) < 0.01 && clear.confidence == 95 && clear.isDifferent)
        #expect(comparison((60, 1000), (100, 1000)).confidence == 99)
        let near = comparison((60, 1000), (75, 1000))
        #expect(near.confidence == 80 && !near.isDifferent && near.words("left the list").hasSuffix("no difference seen."))
        #expect(comparison((50, 1000), (50, 1000)).z == 0)
    }

    @Test func `few people prove nothing`() {
        let few = comparison((0, 100), (4, 100))
        #expect(!few.isEnough && few.confidence == 0 && few.words("left the list").hasSuffix("too few to say anything."))
        #expect(!comparison((0, 0), (0, 0)).isEnough && comparison((0, 0), (0, 0)).z == 0)
        #expect(!comparison((100, 100), (100, 100)).isEnough)
        #expect(
            comparison((60, 1000), (100, 1000)).words("clicked")
                == "60 of 1000 (6.0 %) and 100 of 1000 (10.0 %) clicked: a difference, with 99 % confidence.")
    }
}
