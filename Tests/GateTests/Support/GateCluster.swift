import Foundation
import GateSupport
import PosternRuntime
import PostgresTestServer

/// Gates that share one PostgreSQL database, each a process with a data directory of its own.
///
/// They deliver to a server of the test, and take mail from 127.0.0.1 through a connector that may send as anyone.
final class GateCluster {
    let postgres: PostgresTestServer
    let database: PostgresTestDatabase
    let server: ScriptedServer
    private(set) var nodes: [GateProcess] = []
    private let settings: [String]

    /// Runs `body` beside `count` gates that run. `settings`: `key=value` of each node's command line.
    static func run(
        _ count: Int, on postgres: PostgresTestServer? = nil, _ settings: [String] = [], _ body: (GateCluster) throws -> Void
    ) throws {
        let cluster = try GateCluster(postgres ?? .shared(), settings)
        defer {
            for node in cluster.nodes { node.remove() }
            cluster.server.stop()
        }
        do {
            for _ in 0..<count { try cluster.addNode().start() }
            try body(cluster)
        } catch {
            throw GateProcess.Failure(description: "\(error)\n" + cluster.nodes.map(\.log).joined(separator: "\n-- next node\n"))
        }
    }

    /// Runs `body` beside data directories of nodes that are not running.
    static func prepare(_ count: Int, _ body: (GateCluster) async throws -> Void) async throws {
        let cluster = try GateCluster(.shared(), [])
        defer {
            for node in cluster.nodes { node.remove() }
            cluster.server.stop()
        }
        for _ in 0..<count { _ = try cluster.addNode() }
        try await body(cluster)
    }

    private init(_ postgres: PostgresTestServer, _ settings: [String]) throws {
        self.postgres = postgres
        self.settings = settings
        database = try postgres.makeDatabase(template: "empty") { _ in }
        server = ScriptedServer()
    }

    /// Initialised, not started. The first one makes the store, the others join it with a copy of its master key.
    func addNode() throws -> GateProcess {
        let directory = try TemporaryDirectory.make()
        let name = "node\(nodes.count + 1).example.org"
        var words = ["init", "--storage", database.url, "--host-name", name, "--domain", "example.org"]
        if let first = nodes.first { words += ["--master-key", "\(first.directory.path)/secrets/master.key"] }
        let run = try Program.run(Program.postern, words + ["--data", directory.path])
        guard run.status == 0 else { throw GateProcess.Failure(description: "\(words): \(run)") }
        let node = GateProcess(settings, on: directory)
        nodes.append(node)
        if nodes.count == 1 {
            try node.command("connectors", "add", "local", "--ip", "127.0.0.1", "--plaintext", "--any-sender")
            try node.route(to: server)
        }
        return node
    }

    /// As a node sees them, whether its gate runs or not.
    func list(by node: GateProcess) throws -> [NodeLine] {
        let run = try node.tried(["nodes", "list", "--json"])
        guard run.status == 0 else { throw GateProcess.Failure(description: "\(run)") }
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(NodeLine.self, from: Data($0.utf8)) }
    }

    /// Submits messages to a node, each to one recipient of its own; returns the recipients that were taken with 250.
    @discardableResult
    func submit(_ count: Int, to node: GateProcess, named name: String) throws -> Set<String> {
        let client = try SMTPDialogue(port: node.port)
        client.open()
        var taken: Set<String> = []
        for number in 0..<count {
            let recipient = "\(name)-\(number)@example.net"
            if client.submit(from: "a@example.org", to: [recipient], message(recipient)).code == 250 { taken.insert(recipient) }
        }
        return taken
    }
}

/// A server that greets nobody until it is told to: what a gate holds for it stays in memory.
final class Barrier: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false

    func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    func pass() {
        condition.lock()
        while !isOpen { condition.wait() }
        condition.unlock()
    }
}
