import Foundation
import GateSupport
import PostgresTestServer

/// Three gates on one PostgreSQL, and the world that they deliver to.
final class Cluster {
    let database: PostgresTestServer
    let sink = CountingSink()
    private(set) var nodes: [ClusterNode] = []
    private let directory: URL

    static let size = 3

    /// Runs `body` beside a cluster whose nodes do not run yet.
    static func run(_ settings: [String], _ body: (Cluster) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            let cluster = try Cluster(settings, in: directory)
            defer { cluster.remove() }
            do {
                try body(cluster)
            } catch {
                let logs = cluster.nodes.map { "\($0.name):\n\(Cluster.gist(of: $0.gate.log))" }.joined(separator: "\n")
                throw GateProcess.Failure(description: "\(error)\n\(logs)")
            }
        }
    }

    /// Where it crashed, or else its end.
    private static func gist(of log: String) -> Substring {
        log.range(of: "Fatal error").map { log[$0.lowerBound...].prefix(8000) } ?? log.suffix(4000)
    }

    private init(_ settings: [String], in directory: URL) throws {
        self.directory = directory
        database = try PostgresTestServer()
        for number in 1...Cluster.size { nodes.append(try makeNode(number, settings)) }
        try nodes[0].gate.command("connectors", "add", "local", "--ip", "127.0.0.1", "--plaintext", "--any-sender")
        try nodes[0].gate.command("routes", "add", "out", "--smarthost", "127.0.0.1:\(sink.port)")
        // Some of the recipients are nobody; no rate of bounces is to hold or stop their sender.
        try nodes[0].gate.command("suppressions", "policy", "set", "--hard-bounces", "0,0,0")
    }

    private func makeNode(_ number: Int, _ settings: [String]) throws -> ClusterNode {
        let home = directory.appendingPathComponent("node\(number)")
        let link = DatabaseLink(to: database.socketPath)
        let url = "postgresql://nobody@127.0.0.1:\(link.port)/postgres?sslmode=disable&application_name=node\(number)"
        let masterKey = directory.appendingPathComponent("node1/secrets/master.key").path
        let run = try Program.run(
            Program.postern,
            ["init", "--data", home.path, "--storage", url, "--host-name", ClusterNode.name(number), "--domain", "example.org"]
                + (number > 1 ? ["--master-key", masterKey] : []))
        guard run.status == 0 else { throw GateProcess.Failure(description: "init of node \(number): \(run)") }
        let clock = try InjectedClock(in: home)
        let gate = GateProcess(settings, environment: ["POSTERN_TEST_CLOCK": clock.file.path], on: home)
        return ClusterNode(number: number, gate: gate, link: link, clock: clock)
    }

    private func remove() {
        // A server that holds a reply back would keep the nodes' connections.
        sink.stop()
        for node in nodes { node.remove() }
    }

    // MARK: - What the database says

    /// Recipients in a state, such as 0 (queued) or 2 (delivered), by address.
    func recipients(in state: Int) throws -> Set<String> {
        Set(try database.run("SELECT local_part || '@' || host FROM recipient WHERE state = \(state)"))
    }

    /// Whose delivery has a finding of this rule.
    func recipients(withFinding rule: String) throws -> Set<String> {
        Set(
            try database.run(
                """
                SELECT recipient.local_part || '@' || recipient.host FROM event JOIN recipient USING (day, message, idx, tenant)
                WHERE kind = 'delivered' AND findings LIKE '%\(rule)%'
                """))
    }

    func count(_ rows: String) throws -> Int { try database.run("SELECT count(*) FROM \(rows)").first.flatMap { Int($0) } ?? -1 }

    func isDelivered(_ recipient: String) throws -> Bool { try recipients(in: 2).contains(recipient) }

    /// The run that a node is, as the store has it; nil where it has none that lives.
    func run(of node: ClusterNode) throws -> String? {
        try database.run("SELECT owner::text FROM node_run WHERE name = '\(node.name)' AND ended_at IS NULL").first
    }

    func isOver(run: String) throws -> Bool { try count("node_run WHERE owner = \(run) AND ended_at IS NULL") == 0 }

    /// Waits until a node that is dead has no transaction on its way any more.
    func isQuiet(_ node: ClusterNode) throws -> Bool {
        let name = node.name.prefix { $0 != "." }
        return try count("pg_stat_activity WHERE application_name = '\(name)'") == 0
    }
}
