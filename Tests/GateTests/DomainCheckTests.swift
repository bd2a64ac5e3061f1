import DNSClient
import DomainHealth
import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// `postern domain check` against zones of a real authoritative server.
@Suite("Domain check", .ownThreads, .enabled(if: DomainWorld.isThere, "nsd is not installed"))
struct DomainCheckTests {
    private static let domains = [
        "good", "far", "below.good", "void", "double", "loop", "broken", "old", "none", "null", "deep",
    ].map { "\($0).example" }

    private func check(_ name: String, _ world: DomainWorld) async throws -> DomainReport {
        let domain = try #require(DomainName(name))
        return try await CheckDomain(domain: domain, resolver: world.server).perform(at: .now)
    }

    /// Rules of what is wrong, advice left out.
    private func rules(_ report: DomainReport) -> Set<String> { Set(report.findings.filter { $0.severity != .advice }.map(\.rule)) }

    @Test func eachFaultHasItsFinding() async throws {
        let world = try DomainWorld()
        defer { world.stop() }
        let good = try await check("good.example", world)
        #expect(rules(good).isEmpty)
        #expect(good.state == .healthy)
        #expect(good.spf.lookups == 3)
        #expect(good.spf.tree.first == "good.example  [3 look-ups]")
        #expect(good.dmarc.effective == "reject")
        #expect(good.transport.tlsReports == ["mailto:tls@good.example"])
        #expect(try await rules(check("far.example", world)) == ["dmarc.report-permission"])
        #expect(try await check("below.good.example", world).dmarc.at == "good.example")
        #expect(try await rules(check("void.example", world)).contains("spf.voids"))
        #expect(try await rules(check("double.example", world)).isSuperset(of: ["spf.several", "dmarc.several"]))
        #expect(try await rules(check("loop.example", world)).contains("spf.include"))
        #expect(try await rules(check("broken.example", world)).isSuperset(of: ["spf.unreadable", "dmarc.useless"]))
        #expect(try await check("old.example", world).findings.contains { $0.rule == "dmarc.obsolete" && $0.subject == "pct" })
        #expect(try await rules(check("none.example", world)).isSuperset(of: ["spf.missing", "dmarc.missing"]))
        #expect(try await rules(check("null.example", world)).contains("mx.null"))
        #expect(try await rules(check("deep.example", world)).contains("spf.lookups"))
        #expect(try await rules(check("absent.example", world)) == ["domain.missing"])
    }

    @Test(.enabled(if: DomainWorld.hasCheckdmarc, "checkdmarc is not installed below .build: scripts/system.sh need_checkdmarc"))
    func checkdmarcAgrees() async throws {
        let world = try DomainWorld()
        defer { world.stop() }
        let lines = try world.checkdmarc(DomainCheckTests.domains)
        #expect(lines.count == DomainCheckTests.domains.count)
        for other in lines {
            let ours = try await check(other.domain, world)
            #expect(ours.spf.isValid == other.spf, "\(other.domain): SPF \(ours.spf)")
            if let lookups = other.lookups, other.spf { #expect(ours.spf.lookups == lookups, "\(other.domain)") }
            #expect((ours.dmarc.effective != nil) == other.dmarc, "\(other.domain): DMARC \(ours.dmarc)")
            if other.dmarc {
                #expect(ours.dmarc.policy == other.policy, "\(other.domain)")
                #expect(ours.dmarc.at == other.at, "\(other.domain)")
            }
        }
    }

    /// With an installation its keys and routes are held against DNS; the command says so in words, and by its exit code.
    @Test func theCommandKnowsOurKeysAndRoutes() async throws {
        let world = try DomainWorld()
        defer { world.stop() }
        try GateProcess.run { gate in
            try gate.command("dkim", "add", "good.example", "--selector", "ours")
            try gate.command("sources", "add", "main", "--ipv4", "192.0.2.1", "--hello", "mx.good.example")
            try gate.command("routes", "add", "out", "--mx")
            try gate.command("routes", "sources", "out", "main")
            let arguments = ["domain", "check", "good.example", "--resolver", "127.0.0.1:\(world.port)", "--data", gate.directory.path]
            let text = try Program.run(Program.postern, arguments)
            #expect(text.status == 1, "\(text.output)\(text.errors)")
            #expect(text.output.contains("DNS has no key at oursr._domainkey.good.example"))
            #expect(text.output.contains("Publish: oursr._domainkey.good.example. TXT \"v=DKIM1"))
            let json = try Program.run(Program.postern, arguments + ["--json"])
            let report = try JSONDecoder().decode(DomainReport.self, from: Data(json.output.utf8))
            #expect(report.spf.sources.map(\.result) == ["pass"])
            #expect(report.alignment.map(\.passes) == [true], "SPF alone carries it")
            #expect(report.dkim.map(\.state) == ["missing", "missing"])
        }
    }
}

/// Domains on loopback (see `Fixtures/domain-world.py`).
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
final class DomainWorld: @unchecked Sendable {
    static let isThere = ["/usr/sbin/nsd", "/usr/bin/nsd"].contains { FileManager.default.isExecutableFile(atPath: $0) }
    static let hasCheckdmarc = Program.isThere(python)

    let port: Int
    private let directory: URL
    private let process: Process

    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    private static let python = fixtures.appendingPathComponent("../../../.build/checkdmarc/bin/python").standardized.path

    init() throws {
        directory = try TemporaryDirectory.make()
        process = try Program.start(
            Program.python, [DomainWorld.fixtures.appendingPathComponent("domain-world.py").path, directory.path], input: nil, output: nil,
            errors: directory.appendingPathComponent("errors"))
        var found: Int?
        let folder = directory
        let process = process
        _ = eventually {
            found = (try? String(contentsOf: folder.appendingPathComponent("port"), encoding: .utf8)).flatMap { Int($0) }
            return found != nil || !process.isRunning
        }
        guard let found else {
            let errors = (try? String(contentsOf: directory.appendingPathComponent("errors"), encoding: .utf8)) ?? ""
            throw GateProcess.Failure(description: "the domains did not start\n\(errors)")
        }
        port = found
    }

    var server: DNSServerAddress? { DNSServerAddress("127.0.0.1@\(port)") }

    struct Line: Decodable {
        var domain: String
        var spf: Bool
        var lookups: Int?
        var dmarc: Bool
        var policy: String?
        var at: String?
    }

    func checkdmarc(_ domains: [String]) throws -> [Line] {
        let script = DomainWorld.fixtures.appendingPathComponent("checkdmarc-zones.py").path
        let run = try Program.run(DomainWorld.python, [script, "\(port)"] + domains)
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}
