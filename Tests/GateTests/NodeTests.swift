import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import PostgresTestServer
import Testing

/// Several gates on one PostgreSQL database.
@Suite("Many nodes on one database", .serialized, .ownThreads)
struct NodeTests {
    @Test func `a node joins with the master key alone, and all see one directory`() throws {
        try GateCluster.run(2) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            let stranger = try TemporaryDirectory.make()
            defer { try? FileManager.default.removeItem(at: stranger) }
            let refused = try Program.run(
                Program.postern, ["init", "--data", stranger.path, "--storage", cluster.database.url])
            #expect(refused.status == 2 && refused.errors.contains("--master-key"), "\(refused)")

            let nodes = try cluster.list(by: second)
            #expect(nodes.map { "\($0.number) \($0.name) \($0.state)" } == ["1 node1.example.org running", "2 node2.example.org running"])
            #expect(eventually { (try? cluster.list(by: first).allSatisfy { !$0.addresses.isEmpty }) ?? false })
            // The stop button on one node is pressed on the other.
            try second.command("pause", "external", "--reason", "a test")
            try cluster.submit(1, to: first, named: "paused")
            #expect(try first.queue().map(\.leased) == [false])
            #expect(cluster.server.connectionCount == 0)
            try first.command("resume", "external")
            #expect(try second.emptied().delivered == 1)
        }
    }

    @Test func `what a killed node held is delivered by another`() throws {
        try GateCluster.run(2, ["node.lease=2s"]) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            let barrier = Barrier()
            cluster.server.follow { peer in
                barrier.pass()
                peer.serve()
            }
            let taken = try cluster.submit(20, to: first, named: "stranded")
            #expect(taken.count == 20)
            #expect(try second.queue().count { $0.leased } == 20)
            first.kill()
            barrier.open()
            let ledger = try second.emptied()
            #expect(ledger.delivered == 20 && ledger.accepted == 20)
            #expect(try second.ledger(verified: true).verified == true)
            #expect(Set(cluster.server.mails.flatMap(\.addresses)) == taken)
            #expect(cluster.server.mailCount == 20)
            #expect(try cluster.list(by: second).map(\.state) == ["taken-over", "running"])
            #expect(second.log.contains("took over"))
            // It comes back under its number, as a new run.
            try first.start()
            #expect(try cluster.list(by: first).filter { $0.state == "running" }.map(\.number) == [1, 2])
        }
    }

    @Test func `a clean stop hands over at once, whatever the lease`() throws {
        try GateCluster.run(2, ["node.lease=10m"]) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            let barrier = Barrier()
            cluster.server.follow { peer in
                barrier.pass()
                peer.serve()
            }
            try cluster.submit(20, to: first, named: "handed")
            #expect(first.stop() == 0)
            barrier.open()
            #expect(try second.emptied().delivered == 20)
            #expect(cluster.server.mailCount == 20)
            #expect(try cluster.list(by: first).map(\.state) == ["stopped", "running"])
        }
    }

    @Test func `a node that was thought dead attempts nothing of what others took over`() throws {
        try GateCluster.run(2, ["node.lease=6s"]) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            let barrier = Barrier()
            cluster.server.follow { peer in
                barrier.pass()
                peer.serve()
            }
            // Its wake may look as if the store had not answered: no mail about that among what is counted here.
            try first.command("alert-policies", "set", "store-trouble", "--no-on")
            try cluster.submit(20, to: first, named: "twice")
            #expect(eventually { cluster.server.connectionCount > 0 })
            first.freeze()
            barrier.open()
            // Its connections are greeted while it sleeps: when it wakes, everything is ready for the attempts.
            #expect(try second.emptied().delivered == 20)
            first.goOn()
            #expect(eventually { first.log.contains("goes on as a new run") })
            #expect(try eventually { try cluster.list(by: second).filter { $0.state == "running" }.map(\.number) == [1, 2] })
            #expect(try eventually { try cluster.submit(1, to: first, named: "after").count == 1 })
            #expect(try first.emptied().delivered == 21)
            let arrived = cluster.server.mails.map(\.addresses).sorted { $0.joined() < $1.joined() }
            #expect(arrived.count == 21, "\(arrived)\nfirst: \(first.log.suffix(4000))\nsecond: \(second.log.suffix(4000))")
            #expect(try first.ledger(verified: true).verified == true)
        }
    }

    @Test func `an act on one node reaches what another holds in memory`() throws {
        try GateCluster.run(2) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            let barrier = Barrier()
            cluster.server.follow { peer in
                barrier.pass()
                peer.serve()
            }
            try cluster.submit(20, to: first, named: "cancelled")
            _ = try second.tried(["queue", "cancel", "--all"])
            #expect(try eventually { try second.ledger().cancelled == 20 })
            barrier.open()
            #expect(try second.emptied().delivered == 0)
            #expect(cluster.server.mailCount == 0)
        }
    }

    @Test func `without the database nothing is taken and nothing lost`() throws {
        let postgres = try PostgresTestServer(isSynced: true)
        try GateCluster.run(2, on: postgres, ["node.lease=2s", "storage.commit-timeout=1s"]) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            var taken = try cluster.submit(10, to: first, named: "before")
            let barrier = Barrier()
            cluster.server.follow { peer in
                barrier.pass()
                peer.serve()
            }
            taken.formUnion(try cluster.submit(5, to: second, named: "under-way"))
            try postgres.crash()
            let client = try SMTPDialogue(port: first.port)
            client.open()
            let reply = client.submit(from: "a@example.org", to: ["during@example.net"], message("during"))
            #expect(reply.code == 451 || reply.code == 452, "\(reply)")
            // Long enough for the leases to lapse: the nodes notice by themselves.
            #expect(eventually { client.submit(from: "a@example.org", to: ["during@example.net"], message("x")).text.contains("database") })
            try postgres.start()
            barrier.open()
            #expect(try eventually { try cluster.submit(1, to: first, named: "after").count == 1 })
            taken.insert("after-0@example.net")
            let ledger = try second.emptied()
            // What came to the database after its client was told 451 is cancelled: the client sends it again.
            #expect(ledger.accepted == taken.count + ledger.cancelled, "\(ledger), \(taken.count) taken")
            #expect(ledger.delivered == taken.count, "\(ledger)")
            #expect(try first.ledger(verified: true).verified == true)
            #expect(Set(cluster.server.mails.flatMap(\.addresses)) == taken)
        }
    }

    @Test func `errors that a program repeats on one node and another throttle it on both`() throws {
        try GateCluster.run(2) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            try first.command("connectors", "add", "app", "--ip", "127.0.0.8", "--plaintext", "--grant", "app@example.org")
            func opened(_ node: GateProcess) -> SMTPDialogue? {
                guard let client = try? SMTPDialogue(port: node.port, from: "127.0.0.8") else { return nil }
                client.open()
                return client
            }
            #expect(eventually { opened(second)?.say("MAIL FROM:<app@example.org>").code == 250 })
            let clients = try [#require(opened(first)), #require(opened(second))]
            for number in 0..<20 {
                #expect(clients[number % 2].say("MAIL FROM:<boss@example.org>").description.hasPrefix("550 5.7.60"))
            }
            for client in clients {
                #expect(
                    eventually {
                        let reply = client.say("MAIL FROM:<app@example.org>")
                        _ = client.say("RSET")
                        return reply.description.hasPrefix("550 5.2.252")
                    })
            }
        }
    }

    @Test(.enabled(if: Program.isThere(Program.openSSL), "needs openssl"))
    func `an account has its connections over all nodes, not on each`() throws {
        try GateCluster.run(2) { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            try first.command("accounts", "add", "kim@example.org", "--password-stdin", input: "correct horse battery\n")
            try first.command("limits", "set", "connections-per-sender", "3")
            func signIn(_ node: GateProcess) -> (client: SMTPDialogue, code: Int)? {
                guard let client = try? SMTPDialogue(tlsPort: node.tlsPort, startTLS: false) else { return nil }
                client.open()
                return (client, client.signIn("kim@example.org", "correct horse battery").code)
            }
            var open: [SMTPDialogue] = []
            #expect(
                eventually {
                    guard let (client, code) = signIn(second), code == 235 else { return false }
                    open.append(client)
                    return true
                })
            for node in [first, second, first, second] {
                let (client, code) = try #require(signIn(node))
                #expect(code == (open.count < 3 ? 235 : 432), "\(open.count) are signed in")
                if code == 235 { open.append(client) }
            }
            #expect(open.count == 3)
            // What one node has no more use for is the other's a little later.
            open.removeAll()
            #expect(eventually { signIn(first)?.code == 235 && signIn(second)?.code == 235 })
        }
    }

    @Test func `a start waits for the database and says so`() throws {
        let postgres = try PostgresTestServer(isSynced: true)
        try GateCluster.run(0, on: postgres) { cluster in
            let node = try cluster.addNode()
            try postgres.stop()
            let http = freePort()
            let started = Background { try node.start(["http.port=\(http)"]) }
            #expect(eventually { node.log.contains("the start waits for it") })
            #expect(eventually { status(of: "/ready", port: http) == 503 })
            #expect(status(of: "/health", port: http) == 200)
            try postgres.start()
            try started.wait()
            #expect(try cluster.submit(1, to: node, named: "late").count == 1)
            #expect(try node.emptied().delivered == 1)
        }
    }

    /// Nil where nobody answers.
    private func status(of path: String, port: Int) -> Int? {
        guard let stream = try? LoopbackStream.connect(port: port) else { return nil }
        stream.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return stream.readLine().flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
    }

    @Test func `the schema of a store on which nodes run is left alone, and its backup is another tool's`() throws {
        try GateCluster.run(1) { cluster in
            let other = try cluster.addNode()
            try cluster.database.run("DELETE FROM schema_migration WHERE number = (SELECT MAX(number) FROM schema_migration)")
            let refused = try other.tried(["migrate"])
            #expect(refused.status == 4 && refused.errors.contains("node1.example.org"), "\(refused)")
            let backup = try cluster.nodes[0].tried(["backup", "\(other.directory.path)/copy"])
            #expect(backup.status == 2 && backup.errors.contains("pg_dump --format=custom"), "\(backup)")
            #expect(!FileManager.default.fileExists(atPath: "\(other.directory.path)/copy"))
        }
    }

    @Test func `commands of a stopped node work on the store that others use`() throws {
        try GateCluster.run(1) { cluster in
            let other = try cluster.addNode()
            try other.command("domains", "add", "inside.example", "--host", "127.0.0.1:\(cluster.server.port)")
            #expect(try other.command("domains", "list").contains("inside.example"))
            #expect(try cluster.list(by: other).map(\.name) == ["node1.example.org"])
            #expect(try cluster.nodes[0].command("domains", "list").contains("inside.example"))
        }
    }
}

/// Something that blocks, on a thread of its own.
private final class Background: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<Void, any Error> = .success(())

    init(_ body: @escaping () throws -> Void) {
        let body = UncheckedBody(body)
        Thread.detachNewThread {
            self.result = Result { try body.run() }
            self.done.signal()
        }
    }

    func wait() throws {
        done.wait()
        try result.get()
    }
}

private struct UncheckedBody: @unchecked Sendable {
    let run: () throws -> Void
    init(_ run: @escaping () throws -> Void) { self.run = run }
}
