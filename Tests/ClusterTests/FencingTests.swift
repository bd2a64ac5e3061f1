import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import PostgresTestServer
import Testing

/// A node that lost its lease while an attempt was under way settles nothing that another took over.
@Suite(.serialized, .ownThreads) struct FencingTests {
    private static let recipient = "fenced@example.net"

    @Test func `what another has settled stays settled by it`() throws {
        try withTakenOver { cluster, first, second in
            #expect(try eventually { try cluster.isDelivered(FencingTests.recipient) })
            first.link.become(.sound)
            cluster.sink.hold(nil)
            #expect(eventually { first.gate.log.contains("goes on as a new run") })
            try check(cluster, first, second)
        }
    }

    @Test func `what another has under way is settled by it alone`() throws {
        let isHeld: @Sendable (CountingSink.Arrival) -> Bool = { _ in true }
        try withTakenOver(alsoHolding: isHeld) { cluster, first, second in
            #expect(eventually { cluster.sink.held.count == 2 })
            first.link.become(.sound)
            #expect(eventually { first.gate.log.contains("goes on as a new run") })
            let name = second.name
            cluster.sink.hold { $0.node == name }
            #expect(eventually { first.gate.log.contains("outcomes came too late") })
            #expect(try cluster.isDelivered(FencingTests.recipient) == false)
            cluster.sink.hold(nil)
            try check(cluster, first, second)
        }
    }

    /// `body` begins when the first node's attempt waits for its reply, and the second has taken the message over and sent it too.
    private func withTakenOver(
        alsoHolding isHeld: (@Sendable (CountingSink.Arrival) -> Bool)? = nil, _ body: (Cluster, ClusterNode, ClusterNode) throws -> Void
    ) throws {
        try Cluster.run(["node.lease=2s"]) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            for node in [first, second] { try node.gate.start() }
            let name = first.name
            cluster.sink.hold(isHeld ?? { $0.node == name })
            let client = try SMTPDialogue(port: first.gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: [FencingTests.recipient], message("fenced")).code == 250)
            #expect(eventually { cluster.sink.held.count == 1 })
            first.link.become(.stalled)
            #expect(eventually { cluster.sink.arrivals.map(\.node) == [name, second.name] })
            try body(cluster, first, second)
        }
    }

    private func check(_ cluster: Cluster, _ first: ClusterNode, _ second: ClusterNode) throws {
        #expect(eventually { first.gate.log.contains("outcomes came too late") }, "\(first.gate.log)")
        let ledger = try second.gate.emptied()
        #expect(ledger.accepted == 1 && ledger.delivered == 1, "\(ledger)")
        #expect(try first.gate.ledger(verified: true).verified == true)
        #expect(try cluster.count("event WHERE kind = 'delivered' AND COALESCE(findings, '') NOT LIKE '%lease.late%'") == 1)
        // The second arrival is in the trace.
        #expect(try cluster.count("event WHERE kind = 'delivered' AND findings LIKE '%lease.late%'") == 1)
        #expect(cluster.sink.arrivalCount == 2)
    }
}
