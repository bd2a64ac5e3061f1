import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import PostgresTestServer
import Testing

/// Egress sources: what a receiver sees of them, and which node sends what. Any address in 127.0.0.0/8 is this machine's.
@Suite("Egress sources", .serialized, .ownThreads)
struct SourceTests {
    /// Two nodes on one database. `delivery.sources` gives each the sources of its own.
    private func twoNodes(_ first: String, _ second: String, _ body: (GateCluster) throws -> Void) throws {
        try GateCluster.run(0, ["node.lease=2s"]) { cluster in
            let nodes = [try cluster.addNode(), try cluster.addNode()]
            try nodes[0].command("sources", "add", "east", "--ipv4", "127.0.0.2", "--hello", "east.example.org")
            try nodes[0].command("sources", "add", "west", "--ipv4", "127.0.0.3", "--hello", "west.example.org")
            try nodes[0].command("routes", "sources", "out", "east")
            for (node, sources) in zip(nodes, [first, second]) { try node.start(["delivery.sources=\(sources)"]) }
            #expect(
                try eventually {
                    try cluster.list(by: nodes[0]).map(\.sources) == [first, second].map { $0.split(separator: ",").map(String.init) }
                })
            try body(cluster)
        }
    }

    private func sources(_ node: GateProcess) throws -> [String: SourceView] {
        let run = try node.tried(["sources", "list", "--json"])
        let rows = try run.output.split(separator: "\n").map { try JSONDecoder().decode(SourceView.self, from: Data($0.utf8)) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
    }

    private func status(_ node: GateProcess) throws -> GateStatus {
        let run = try node.tried(["status", "--json"])
        return try JSONDecoder().decode(GateStatus.self, from: Data(run.output.utf8))
    }

    @Test(.enabled(if: HookServer.isThere), arguments: ["socks5", "socks5-password", "haproxy"])
    func `a source behind a proxy leaves from the proxy's address, by whichever node`(_ kind: String) throws {
        let server = ScriptedServer()
        let proxy = try ProxyServer(from: "127.0.0.7", password: kind == "socks5-password" ? "pr0xy" : nil)
        defer {
            server.stop()
            proxy.stop()
        }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let name = ["sources", "add", "far", "--hello", "far.example.org", "--ipv4", "127.0.0.7"]
            let way =
                switch kind {
                case "socks5": ["--socks5", "127.0.0.1:\(proxy.port)"]
                case "haproxy": ["--haproxy", "127.0.0.1:\(proxy.port)"]
                default: ["--socks5", "127.0.0.1:\(proxy.port)", "--proxy-user", "postern", "--proxy-password-stdin"]
                }
            let added = try gate.tried(name + way, input: "pr0xy\n")
            #expect(added.status == 0, "\(added)")
            try gate.command("routes", "sources", "out", "far")
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["r@example.net"], message("one")).code == 250)
            #expect(try gate.emptied().delivered == 1)
            let mail = try #require(server.mails.first)
            #expect(mail.client == "127.0.0.7" && mail.helloName == "far.example.org")
            #expect(proxy.connections == [kind])
            let list = try gate.command("sources", "list", "--json")
            #expect(list.contains("127.0.0.1:\(proxy.port)") && !list.contains("pr0xy"))
            #expect(try gate.command("routes", "test", "out").contains("takes mail"))
            // Without the proxy mail waits, and the trace says why.
            proxy.stop()
            #expect(client.submit(from: "a@example.org", to: ["r@example.net"], message("two")).code == 250)
            #expect(eventually { (try? gate.command("trace", "list", "--json").contains("The proxy [127.0.0.1]")) == true })
        }
    }

    @Test func `a warm-up has what left of it in its calendar`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("sources", "add", "new", "--hello", "new.example.org")
            try gate.command("routes", "sources", "out", "new")
            try gate.command("warmup", "set", "new", "--days", "1000000,2000000")
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            for name in ["one", "two", "three"] {
                #expect(client.submit(from: "a@example.org", to: ["r@example.net"], message(name)).code == 250)
            }
            #expect(try gate.emptied().delivered == 3)
            func shown() throws -> WarmUpView {
                let text = try gate.command("warmup", "show", "new:all", "--json")
                return try JSONDecoder().decode(WarmUpView.self, from: Data(text.utf8))
            }
            #expect(try eventually { try shown().calendar?.reduce(0) { $0 + ($1.sent ?? 0) } == 3 })
            #expect(try shown().state == .warming)
            try gate.command("warmup", "pause", "new:all", "--reason", "the list was bad")
            #expect(try shown().calendar?.last { $0.sent != nil }?.texts.first?.hasSuffix(": the list was bad") == true)
        }
    }

    @Test func `what two nodes send by a warm-up stands in one calendar`() throws {
        try GateCluster.run(2) { cluster in
            let nodes = cluster.nodes
            try nodes[0].command("sources", "add", "new", "--hello", "new.example.org")
            try nodes[0].command("warmup", "set", "new", "--days", "1000000,2000000")
            try nodes[0].command("routes", "sources", "out", "new")
            for node in nodes { #expect(try cluster.submit(5, to: node, named: "m").count == 5) }
            #expect(try nodes[0].emptied().delivered == 10)
            #expect(
                try eventually {
                    let text = try nodes[1].command("warmup", "show", "new:all", "--json")
                    let view = try JSONDecoder().decode(WarmUpView.self, from: Data(text.utf8))
                    return view.calendar?.reduce(0) { $0 + ($1.sent ?? 0) } == 10
                })
            // The day is written down once, whoever came first.
            let audit = try nodes[0].command("audit", "--json")
            #expect(audit.components(separatedBy: "warmup.used").count == 2, "\(audit)")
        }
    }

    @Test func `a receiver sees the source's address and its name, and the trace names it`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("sources", "add", "east", "--ipv4", "127.0.0.2", "--hello", "east.example.org")
            try gate.command("routes", "sources", "out", "east")
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["r@example.net"], message("one")).code == 250)
            #expect(try gate.emptied().delivered == 1)
            let mail = try #require(server.mails.first)
            #expect(mail.client == "127.0.0.2" && mail.helloName == "east.example.org")
            let id = try #require(try gate.trace().first?.message)
            #expect(try gate.show(id).events.map(\.source) == ["east"])
            // Back to the default one, over a connection of its own.
            try gate.command("routes", "sources", "out")
            #expect(client.submit(from: "a@example.org", to: ["r@example.net"], message("two")).code == 250)
            #expect(try gate.emptied().delivered == 2)
            #expect(server.mails.last?.client == "127.0.0.1" && server.mails.last?.helloName != "east.example.org")
            #expect(try sources(gate)["east"]?.routes == [])
            try gate.command("sources", "remove", "east")
        }
    }

    @Test func `mail leaves from the node that has its source, whichever node took it`() throws {
        try twoNodes("east", "west") { cluster in
            let (east, west) = (cluster.nodes[0], cluster.nodes[1])
            #expect(try cluster.submit(10, to: west, named: "a").count == 10)
            #expect(try cluster.submit(10, to: east, named: "b").count == 10)
            #expect(try west.emptied().delivered == 20)
            #expect(Set(cluster.server.mails.map { "\($0.client) \($0.helloName)" }) == ["127.0.0.2 east.example.org"])
            // The list of a route changes while nodes run.
            try west.command("routes", "sources", "out", "west", "east")
            #expect(try cluster.submit(5, to: east, named: "c").count == 5)
            #expect(try east.emptied().delivered == 25)
            #expect(cluster.server.mails.suffix(5).allSatisfy { $0.client == "127.0.0.3" })
            #expect(try east.ledger(verified: true).verified == true)
        }
    }

    @Test func `a source without a node is said, and its mail moves only to one that the route allows`() throws {
        try twoNodes("east", "west") { cluster in
            let (east, west) = (cluster.nodes[0], cluster.nodes[1])
            #expect(try sources(west)["east"]?.nodes == ["node1.example.org"])
            east.kill()
            #expect(try eventually { try sources(west)["east"]?.state == .unreachable })
            #expect(try cluster.submit(6, to: west, named: "waits").count == 6)
            #expect(try eventually { try status(west).missingSources.map(\.recipients) == [6] })
            #expect(try status(west).missingSources.map(\.source) == ["east"])
            #expect(try sources(west)["east"]?.waiting == 6)
            #expect(eventually { west.log.contains("No running node has egress source east") })
            #expect(eventually { (try? west.tried(["alerts", "--json"]).output.contains("source-unreachable")) ?? false })
            #expect(cluster.server.mailCount == 0)
            // Now the route allows another.
            try west.command("routes", "sources", "out", "east", "west")
            #expect(try west.emptied().delivered == 6)
            #expect(Set(cluster.server.mails.map(\.client)) == ["127.0.0.3"])
            #expect(try status(west).missingSources.map(\.recipients) == [0])
            try east.start(["delivery.sources=east"])
            #expect(try eventually { try status(west).missingSources.isEmpty })
            #expect(eventually { west.log.contains("A node has egress source east again") })
            #expect(try cluster.submit(1, to: west, named: "back").count == 1)
            #expect(try west.emptied().delivered == 7)
            #expect(cluster.server.mails.last?.client == "127.0.0.2")
        }
    }

    @Test func `what waited for a source leaves as soon as a node has it`() throws {
        try twoNodes("west", "west") { cluster in
            let (first, second) = (cluster.nodes[0], cluster.nodes[1])
            #expect(try cluster.submit(6, to: first, named: "early").count == 6)
            #expect(try eventually { try first.queue().allSatisfy { $0.attempts == 1 && !$0.leased } })
            #expect(second.stop() == 0)
            try second.start(["delivery.sources=west,east"])
            #expect(try first.emptied().delivered == 6)
            #expect(Set(cluster.server.mails.map(\.client)) == ["127.0.0.2"])
        }
    }
}
