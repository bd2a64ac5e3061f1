import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import PostgresTestServer
import Testing

/// Promises 1 to 3 on many nodes: 250 only for what is kept, one final state for each recipient, nobody lost; twice only who had
/// arrived when the fault parted the receiver's 250 from our commit.
///
/// `POSTERN_SEED=<seed> swift test --filter ClusterTests` repeats one walk (its faults, not the moments of the machine);
/// `POSTERN_SEEDS=<count>` walks more of them.
@Suite(.serialized, .ownThreads) struct FaultTests {
    private static let isLong = ProcessInfo.processInfo.environment["POSTERN_TEST_LONG"] != nil
    private static let clientsOfANode = 2

    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["POSTERN_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["POSTERN_SEEDS"].flatMap(UInt64.init) ?? (isLong ? 5 : 1)))
    }()

    @Test(arguments: seeds) func `whoever got 250 arrives or bounces, and every second arrival is explained`(seed: UInt64) throws {
        let settings = ["node.lease=5s", "delivery.retry=1s", "storage.commit-timeout=3s", "delivery.reports-per-minute=6000"]
        try Cluster.run(settings) { cluster in
            let submissions = Submissions()
            for node in cluster.nodes {
                try node.gate.start()
                submissions.set(port: node.gate.port, of: node.name)
                submissions.begin(clients: FaultTests.clientsOfANode, node: node.name)
            }
            var walk = FaultWalk(cluster, submissions, seed: seed)
            defer { _ = submissions.stop() }
            try walk.run(faults: FaultTests.isLong ? 40 : FaultWalk.Fault.allCases.count)
            #expect(submissions.stop())
            try check(cluster, submissions.tally, walk, seed)
        }
    }

    private func check(_ cluster: Cluster, _ tally: Submissions.Tally, _ walk: FaultWalk, _ seed: UInt64) throws {
        let isEmptied = try eventually { try cluster.count("recipient WHERE state = 0") == 0 }
        let queued = try cluster.recipients(in: 0)
        #expect(isEmptied, "still queued: \(queued.prefix(10))")
        let arrivals = cluster.sink.arrivals
        let times = Dictionary(arrivals.map { ($0.recipient, 1) }, uniquingKeysWith: +)
        let (delivered, bounced) = (try cluster.recipients(in: 2), try cluster.recipients(in: 3))

        #expect(tally.unexpected.isEmpty)
        let lost = Set(tally.accepted.keys).subtracting(times.keys).subtracting(bounced)
        #expect(lost.isEmpty, "lost: \(lost)")
        #expect(delivered == Set(times.keys), "\(delivered.symmetricDifference(times.keys).prefix(10))")
        #expect(delivered.isDisjoint(with: bounced) && bounced.contains { $0.hasPrefix("no-") })
        // Each of them is reported to its sender.
        for address in bounced { #expect(times[FaultTests.sender(of: address)] != nil, "\(address) bounced, and nobody was told") }

        let repeated = Set(times.filter { $0.value > 1 }.keys)
        // A node that was slow to see that its lease was over says so of what it sent meanwhile.
        let late = try cluster.recipients(withFinding: "lease.late")
        let unexplained = repeated.subtracting(walk.mayRepeat).subtracting(late)
        let told4xx = tally.turnedAway.union(tally.unanswered)
        for recipient in unexplained {
            let places = arrivals.indices.filter { arrivals[$0].recipient == recipient }.map { "\($0) from \(arrivals[$0].node)" }
            let address = recipient.split(separator: "@")[0]
            let events = try cluster.database.run(
                """
                SELECT concat_ws(' ', kind, to_timestamp(at / 1000.0), route, reply, (findings)) FROM event
                JOIN recipient USING (day, message, idx, tenant) WHERE local_part = '\(address)' ORDER BY seq
                """)
            Issue.record(
                """
                \(recipient) arrived again, and no fault explains it: arrivals \(places), 4xx or no reply: \(told4xx.contains(recipient)), \
                events \(events)
                \(walk.story.joined(separator: "\n"))
                """)
        }
        // What came too late is an event as well, and says so.
        let settledTwice = """
            (SELECT 1 FROM event WHERE kind = 'delivered' AND COALESCE(findings, '') NOT LIKE '%lease.late%'
                GROUP BY day, message, idx HAVING count(*) > 1) AS twice
            """
        #expect(try cluster.count(settledTwice) == 0)
        try checkLedgers(cluster, delivered: delivered.count, bounced: bounced.count)
        let told = tally.turnedAway.intersection(times.keys).count
        print(
            """
            seed \(seed): \(tally.accepted.count) accepted, \(arrivals.count) arrivals, \(arrivals.count - times.count) of them again; \
            \(walk.mayRepeat.count) were with the receiver and not settled at a fault; \(tally.turnedAway.count) told 4xx (\(told) of \
            them arrived), \(tally.unanswered.count) not answered
              \(walk.story.joined(separator: "\n  "))
            """)
    }

    /// `no-node1-2-3-0@example.net` came from `from-node1-2-3@example.org`.
    private static func sender(of recipient: String) -> String {
        let name = recipient.prefix { $0 != "@" }.split(separator: "-").dropFirst().dropLast().joined(separator: "-")
        return "from-\(name)@example.org"
    }

    private func checkLedgers(_ cluster: Cluster, delivered: Int, bounced: Int) throws {
        for node in cluster.nodes {
            let ledger = try node.gate.ledger(verified: true)
            #expect(ledger.balanced && ledger.verified == true, "\(ledger)")
            #expect(ledger.delivered == delivered && ledger.bounced == bounced && ledger.queued == 0, "\(ledger)")
        }
        #expect(try cluster.count("recipient WHERE lease_owner <> 0") == 0)
    }
}
