import Foundation
import GateSupport
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Testing

/// The lists of a real DNS server, asked by a gate that runs.
@Suite("Reputation", .ownThreads, .serialized, .enabled(if: DomainWorld.isThere, "nsd is not installed"))
struct ReputationTests {
    private struct Alert: Decodable {
        var kind: String
        var subject: String
        var ending: String?
        var advice: String?
    }

    private struct Source: Decodable {
        struct Aside: Decodable { var destination: String }
        var name: String
        var stepsAside: [Aside]
    }

    private func lines<Row: Decodable>(_ text: String) throws -> [Row] {
        try text.split(separator: "\n").map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    private func look(_ gate: GateProcess, _ world: BlocklistWorld) throws -> (status: Int32, rows: [ReputationView]) {
        let run = try Program.run(
            Program.postern, ["reputation", "check", "--resolver", "127.0.0.1:\(world.port)", "--json", "--data", gate.directory.path])
        #expect(run.errors.isEmpty)
        return (run.status, try lines(run.output))
    }

    private func open(_ gate: GateProcess) throws -> [Alert] {
        try lines(try gate.command("alerts", "--json")).filter { (alert: Alert) in ["listed", "source-identity"].contains(alert.kind) }
    }

    private func aside(_ gate: GateProcess) throws -> [String] {
        let sources: [Source] = try lines(try gate.command("sources", "list", "--json"))
        return sources.filter { !$0.stepsAside.isEmpty }.flatMap { source in
            source.stepsAside.map { "\(source.name) for \($0.destination)" }
        }
    }

    @Test func `a listing alerts, moves mail and ends; a list that does not answer us says nothing`() throws {
        let world = try BlocklistWorld()
        defer { world.stop() }
        try GateProcess.run { gate in
            try gate.command("sources", "add", "vienna", "--hello", "mx.good.example")
            try gate.command("sources", "public", "vienna", "5.6.7.8")
            try gate.command("sources", "add", "graz", "--hello", "mx.bad.example")
            try gate.command("sources", "public", "graz", "5.6.7.9")
            try gate.command("domains", "add", "listed.example")
            let first = try look(gate, world)
            #expect(first.status == 1)
            func state(_ subject: String, _ list: String, _ rows: [ReputationView]) -> ReputationView? {
                rows.first { $0.subject == subject && $0.list == list }
            }
            let listed = try #require(state("5.6.7.8", "spamhaus-zen", first.rows))
            #expect(listed.state == .listed && listed.text.contains("https://check.example/ip/5.6.7.8") && !listed.steps.isEmpty)
            #expect(state("5.6.7.9", "spamhaus-zen", first.rows)?.state == .clear)
            for list in ["spamcop", "psbl", "uceprotect-1"] {
                #expect(state("5.6.7.8", list, first.rows)?.state == .unknown, "\(list)")
            }
            #expect(state("5.6.7.8", "spamcop", first.rows)?.unknown.contains("public resolver") == true)
            #expect(state("5.6.7.8", "psbl", first.rows)?.unknown.contains("lists everything") == true)
            #expect(state("5.6.7.8", "barracuda", first.rows) == nil, "it is off unless somebody has registered")
            #expect(state("listed.example", "spamhaus-dbl", first.rows)?.state == .listed)
            #expect(state("listed.example", "surbl", first.rows)?.state == .unknown)
            #expect(state("5.6.7.8", "identity", first.rows)?.state == .clear)
            let wrong = try #require(state("5.6.7.9", "identity", first.rows))
            #expect(wrong.state == .wrong && wrong.text.contains("9.7.6.5.in-addr.arpa. PTR mx.bad.example."))

            #expect(try aside(gate) == ["vienna for all"])
            #expect(eventually { (try? open(gate).count) == 3 })
            #expect(
                Set(try open(gate).map { "\($0.kind) \($0.subject)" }) == [
                    "listed 5.6.7.8", "listed listed.example", "source-identity 5.6.7.9",
                ])

            world.delist()
            #expect(eventually { (try? look(gate, world).rows.contains { $0.list == "spamhaus-zen" && $0.state == .listed }) == false })
            #expect(try aside(gate).isEmpty)
            #expect(eventually { (try? open(gate).contains { $0.subject == "5.6.7.8" }) == false })
            let history: [ReputationEventView] = try lines(try gate.command("reputation", "history", "--json"))
            #expect(history.filter { $0.subject == "5.6.7.8" }.map(\.bad) == [false, true])
        }
    }

    @Test func `figures are imported, or refused at their cell; enrolments are kept with who said so`() throws {
        try GateProcess.run { gate in
            let file = gate.directory.appendingPathComponent("snds.csv")
            let line = "5.6.7.8,11/20/2026 12:00 AM,11/21/2026 12:00 AM,90,90,80,GREEN,< 0.1%,,,0,,,\n"
            try (line + line.replacingOccurrences(of: "GREEN", with: "BLUE")).write(to: file, atomically: true, encoding: .utf8)
            let bad = try Program.run(
                Program.postern, ["reputation", "import", "snds", file.path, "--data", gate.directory.path])
            #expect(bad.status == 1 && bad.errors.contains("line 2, column 7: \"BLUE\" is no GREEN, YELLOW or RED"), "\(bad.errors)")
            try line.write(to: file, atomically: true, encoding: .utf8)
            #expect(try gate.command("reputation", "import", "snds", file.path).contains("1 lines imported"))
            #expect(try gate.command("reputation", "figures", "snds", "--days", "400").contains("2026-11-20  5.6.7.8"))

            try gate.command("dkim", "add", "news.example", "--selector", "s1")
            #expect(try gate.command("reputation", "enrol", "yahoo", "news.example", "applied", "--note", "case 7").contains("applied"))
            let rows: [EnrolmentView] = try lines(try gate.command("reputation", "enrolments", "--json"))
            let yahoo = try #require(rows.first { $0.loop == .yahoo && $0.subject == "news.example" })
            #expect(yahoo.state == .applied && yahoo.note == "case 7" && yahoo.by.hasPrefix("local:"))
            #expect(rows.contains { $0.loop == .gmail && $0.state == .notBegun })
            #expect(try gate.command("audit", "--json").contains("enrolment.applied"))
        }
    }
}

/// Lists on loopback (see `Fixtures/reputation-world.py`).
///
/// `@unchecked`: everything is set once; the process is touched by `stop` and `delist` alone.
final class BlocklistWorld: @unchecked Sendable {
    let port: Int
    private let directory: URL
    private let process: Process

    init() throws {
        directory = try TemporaryDirectory.make()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/reputation-world.py")
        process = try Program.start(
            Program.python, [script.path, directory.path], input: nil, output: nil, errors: directory.appendingPathComponent("errors"))
        var found: Int?
        let (folder, process) = (directory, process)
        _ = eventually {
            found = (try? String(contentsOf: folder.appendingPathComponent("port"), encoding: .utf8)).flatMap { Int($0) }
            return found != nil || !process.isRunning
        }
        guard let found else {
            let errors = (try? String(contentsOf: directory.appendingPathComponent("errors"), encoding: .utf8)) ?? ""
            throw GateProcess.Failure(description: "the lists did not start\n\(errors)")
        }
        port = found
    }

    /// The address is taken off the list that has it.
    func delist() { kill(process.processIdentifier, SIGUSR1) }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}
