import Foundation
import GateSupport
import PostgresTestServer

/// Faults in an order that the seed says, under load, and the account of who may have arrived twice by them.
struct FaultWalk {
    enum Fault: String, CaseIterable {
        /// `kill -9`, and started again at once.
        case kill
        /// `kill -9`, and started again when the others have taken over.
        case death
        /// A clean stop, and started again.
        case stop
        /// The link breaks for a moment.
        case cut
        /// The link breaks for longer than the lease.
        case loss
        /// The link stalls for longer than the lease.
        case stall
        /// What the database says does not arrive.
        case deafness
        /// The database restarts as an administrator does it.
        case restart
        /// The database dies and recovers.
        case crash
        /// A node's clock is set back or forward.
        case step
    }

    private let cluster: Cluster
    private let submissions: Submissions
    private var random: SplitMix64
    /// Who had arrived from a node that had not settled it when the fault parted the two: these may arrive again.
    private(set) var mayRepeat: Set<String> = []
    private(set) var story: [String] = []

    init(_ cluster: Cluster, _ submissions: Submissions, seed: UInt64) {
        self.cluster = cluster
        self.submissions = submissions
        random = SplitMix64(seed: seed)
    }

    /// Each kind once, in an order of the seed; further ones by chance.
    mutating func run(faults count: Int) throws {
        var faults = Fault.allCases.shuffled(using: &random)
        while faults.count < count { faults.append(Fault.allCases.randomElement(using: &random) ?? .kill) }
        for fault in faults.prefix(count) { try run(fault) }
    }

    private mutating func run(_ fault: Fault) throws {
        try progress(Int.random(in: 20...150, using: &random))
        let node = cluster.nodes[Int.random(in: 0..<cluster.nodes.count, using: &random)]
        let before = (count: mayRepeat.count, arrivals: cluster.sink.arrivalCount)
        switch fault {
        case .kill: try kill(node, waitsForTakeover: false)
        case .death: try kill(node, waitsForTakeover: true)
        case .stop: try stop(node)
        case .cut: try sever(node, .cut, untilTakenOver: false)
        case .loss: try sever(node, .cut, untilTakenOver: true)
        case .stall: try sever(node, .stalled, untilTakenOver: true)
        case .deafness: try sever(node, .deaf, untilTakenOver: Bool.random(using: &random))
        case .restart: try breakDatabase { try $0.restart() }
        case .crash:
            try breakDatabase {
                try $0.crash()
                try $0.start()
            }
        case .step: node.setClock(apart: Int.random(in: -600...10, using: &random))
        }
        try expect("mail is taken again after \(fault) of \(node.name)") { [submissions] in
            let count = submissions.acceptedCount(by: node.name)
            return eventually { submissions.acceptedCount(by: node.name) > count + 5 }
        }
        story.append(
            "\(fault) of \(node.name), arrivals \(before.arrivals) to \(cluster.sink.arrivalCount): \(mayRepeat.count - before.count)")
    }

    /// Waits until so many more recipients were accepted.
    private func progress(_ count: Int) throws {
        let goal = submissions.acceptedCount + count
        try expect("mail is taken") { [submissions] in eventually { submissions.acceptedCount >= goal } }
    }

    private func expect(_ what: String, _ isSo: () throws -> Bool) throws {
        guard try isSo() else {
            throw GateProcess.Failure(description: "not so: \(what)\n\(story.joined(separator: "\n"))\n\(submissions.tally.unexpected)")
        }
    }

    // MARK: - Nodes

    private mutating func kill(_ node: ClusterNode, waitsForTakeover: Bool) throws {
        let run = try cluster.run(of: node)
        submissions.set(port: nil, of: node.name)
        node.gate.kill()
        let (cluster, name) = (cluster, node.name)
        try expect("what \(name) had under way is over") {
            try eventually { try cluster.sink.openConnectionCount(of: name) == 0 && cluster.isQuiet(node) }
        }
        // Before others take over: later, what they settle would hide what this node had not.
        mayRepeat.formUnion(try unsettled(by: [node], settled: cluster.recipients(in: 2)))
        if waitsForTakeover, let run {
            try expect("others take over from \(name)") { try eventually { try cluster.isOver(run: run) } }
        }
        try start(node)
    }

    private func stop(_ node: ClusterNode) throws {
        submissions.set(port: nil, of: node.name)
        let run = try cluster.run(of: node)
        let status = node.gate.stop()
        try expect("\(node.name) stops with success, and not with \(status)") { status == 0 }
        if let run {
            try expect("\(node.name) gave everything back") { try cluster.isOver(run: run) }
        }
        try start(node)
    }

    private func start(_ node: ClusterNode) throws {
        try node.gate.start()
        submissions.set(port: node.gate.port, of: node.name)
    }

    /// Arrivals from these nodes that the store does not know of.
    private func unsettled(by nodes: [ClusterNode], settled: Set<String>) -> Set<String> {
        let names = Set(nodes.map(\.name))
        return Set(cluster.sink.arrivals.filter { names.contains($0.node) }.map(\.recipient)).subtracting(settled)
    }

    // MARK: - Links

    private mutating func sever(_ node: ClusterNode, _ condition: DatabaseLink.Condition, untilTakenOver: Bool) throws {
        let (cluster, run) = (cluster, try cluster.run(of: node))
        node.link.become(condition)
        if condition == .cut {
            try expect("the database has done with \(node.name)") { try eventually { try cluster.isQuiet(node) } }
        }
        // From here on the node can settle nothing, so that what others settle is not taken for its work.
        let settled = try cluster.recipients(in: 2)
        if untilTakenOver, let run {
            try expect("others take over from \(node.name), which they do not hear") { try eventually { try cluster.isOver(run: run) } }
            // It begins nothing more; what it had begun arrives.
            try expect("what \(node.name) had begun has arrived") { eventually { cluster.sink.transactionCount(of: node.name) == 0 } }
        } else {
            try progress(Int.random(in: 10...60, using: &random))
        }
        node.link.become(.sound)
        mayRepeat.formUnion(unsettled(by: [node], settled: settled))
    }

    // MARK: - The database

    private mutating func breakDatabase(_ body: (PostgresTestServer) throws -> Void) throws {
        let settled = try cluster.recipients(in: 2)
        try body(cluster.database)
        mayRepeat.formUnion(unsettled(by: cluster.nodes, settled: settled))
    }
}
