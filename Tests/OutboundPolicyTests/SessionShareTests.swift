import MailModel
import OutboundPolicy
import Testing

/// Connections of an account, counted over nodes: the store is a table of shares here.
@Suite struct SessionShareTests {
    private let kim = EmailAddress("kim@home.test")!

    /// The store's part.
    private struct Table {
        var shares: [Int: Int] = [:]

        mutating func answer(_ wish: SessionShares.Wish, of node: Int) -> Int {
            let others = shares.filter { $0.key != node }.values.reduce(0, +)
            let granted = max(0, min(wish.wanted, wish.limit - others))
            shares[node] = granted
            return granted
        }
    }

    private func begin(_ nodes: inout [SessionShares], _ node: Int, _ table: inout Table) -> Bool {
        switch nodes[node].began(kim, limit: 3) {
        case .began: true
        case .full: false
        case .ask(let wish): nodes[node].answered(wish, granted: table.answer(wish, of: node))
        }
    }

    private func pass(_ nodes: inout [SessionShares], _ table: inout Table, at seconds: Int64) {
        for node in nodes.indices {
            for wish in nodes[node].wishes(at: SteadyTime(milliseconds: seconds * 1000)) {
                _ = nodes[node].answered(wish, granted: table.answer(wish, of: node))
            }
        }
    }

    @Test func nodesTogetherHaveTheLimit() {
        var nodes = [SessionShares(isShared: true), SessionShares(isShared: true)]
        var table = Table()
        let began = (0..<4).map { begin(&nodes, $0 % 2, &table) }
        #expect(began == [true, true, true, false])
        nodes[0].ended(kim)
        let again = begin(&nodes, 0, &table)
        #expect(again, "what this node gave up is still its own")
        nodes[0].ended(kim)
        pass(&nodes, &table, at: 5)
        let later = [begin(&nodes, 1, &table), begin(&nodes, 0, &table)]
        #expect(later == [true, false], "and after a little while the other's")
        for _ in 0..<2 { nodes[1].ended(kim) }
        nodes[0].ended(kim)
        pass(&nodes, &table, at: 10)
        #expect(table.shares == [0: 0, 1: 0])
    }

    @Test func aStoreThatDoesNotAnswerLetsNobodyIn() {
        var shares = SessionShares(isShared: true)
        guard case .ask(let wish) = shares.began(kim, limit: 3) else {
            Issue.record("not asked")
            return
        }
        let isGranted = shares.answered(wish, granted: nil)
        let wishes = shares.wishes(at: SteadyTime(milliseconds: 9000))
        #expect(!isGranted && wishes.isEmpty)
    }

    /// A lapsed lease has given everything to the others; what is open here is asked for anew, and stays.
    @Test func afterALostLeaseTheSharesAreAskedForAnew() {
        var nodes = [SessionShares(isShared: true)]
        var table = Table()
        let before = [begin(&nodes, 0, &table), begin(&nodes, 0, &table)]
        #expect(before == [true, true])
        nodes[0].lost()
        table.shares = [7: 2]
        pass(&nodes, &table, at: 0)
        #expect(table.shares == [7: 2, 0: 1])
        let third = begin(&nodes, 0, &table)
        table.shares[7] = nil
        pass(&nodes, &table, at: 5)
        #expect(!third && table.shares == [0: 2])
        let fourth = begin(&nodes, 0, &table)
        #expect(fourth)
    }

    @Test func aNodeAloneAsksNobody() {
        var shares = SessionShares()
        let began = (0..<4).map { _ in shares.began(kim, limit: 3) }
        let wishes = shares.wishes(at: SteadyTime(milliseconds: 9000))
        #expect(began == [.began, .began, .began, .full] && wishes.isEmpty)
    }
}
