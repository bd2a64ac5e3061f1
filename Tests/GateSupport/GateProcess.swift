package import Foundation
import Glibc
package import PosternRuntime
import Synchronization

/// A gate as a process of its own, with a data directory of its own.
///
/// It answers on free ports of 127.0.0.1, delivers to the built-in receiver until a route is added, and takes mail from 127.0.0.1 through
/// a connector that may send as anyone. From other addresses of loopback an account has to sign in.
package final class GateProcess {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
        package init(description: String) { self.description = description }
    }

    /// An account that each gate has.
    package static let account = "alice@example.org"
    package static let password = "correct horse battery"
    /// Another password of that account, quick to check: it is made by the gate.
    package var appPassword: String { (try? GateTemplate.made.get())?.appPassword ?? "" }

    package let directory: URL
    private let settings: [String]
    private let environment: [String: String]
    private var process: Process?
    package private(set) var addresses: [String: Int] = [:]

    /// Runs `body` beside a gate that is started before and stopped, by force, after it. `settings`: `key=value` of the command line.
    package static func run(_ settings: [String] = [], _ body: (GateProcess) throws -> Void) throws {
        try run(GateProcess(settings, on: GateTemplate.copy()), body)
    }

    /// The same on a data directory that is there already; it is gone afterwards.
    package static func run(_ settings: [String] = [], on directory: URL, _ body: (GateProcess) throws -> Void) throws {
        try run(GateProcess(settings, on: directory), body)
    }

    private static func run(_ gate: GateProcess, _ body: (GateProcess) throws -> Void) throws {
        defer { gate.remove() }
        try gate.start()
        do {
            try body(gate)
        } catch {
            throw Failure(description: "\(error)\n\(gate.log)")
        }
    }

    /// On a data directory that is there already, and is gone after `remove`. It does not run yet.
    package init(_ settings: [String], environment: [String: String] = [:], on directory: URL) {
        self.settings = settings
        self.environment = environment
        self.directory = directory
    }

    /// Ends it by force where it runs.
    package func remove() {
        if let process, process.isRunning { kill() }
        try? FileManager.default.removeItem(at: directory)
    }

    // MARK: - The process

    /// Returns once it takes mail. `more`: settings for this run. A port that was free a moment ago may be taken by a connection of another
    /// test when the gate binds it; then another is tried.
    package func start(_ more: [String] = []) throws {
        for _ in 0..<5 {
            if try startOnce(more) { return }
            guard log.contains("Address already in use") else { break }
        }
        throw Failure(description: "the gate did not start\n\(log)")
    }

    private func startOnce(_ more: [String]) throws -> Bool {
        // Hardly any test has its senders in DNS.
        let usual = ["submission.port=0", "submission.tls-port=\(freePort())", "http.port=0", "scan.sender-domain=false"]
        let settings = usual + settings + more
        let output = directory.appendingPathComponent("serve.out")
        let process = try Program.start(
            Program.postern, ["serve", "--data", directory.path] + settings.flatMap { ["--set", $0] }, environment: environment, input: nil,
            output: output, errors: directory.appendingPathComponent("serve.err"))
        self.process = process
        let isReady = eventually {
            guard process.isRunning else { return true }
            addresses = GateProcess.addresses((try? String(contentsOf: output, encoding: .utf8)) ?? "")
            return !addresses.isEmpty
        }
        return isReady && process.isRunning
    }

    private static func addresses(_ output: String) -> [String: Int] {
        guard let line = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first(where: { $0.hasPrefix("ready ") })
        else { return [:] }
        var addresses: [String: Int] = [:]
        for word in line.split(separator: " ").dropFirst() {
            guard let name = word.split(separator: "=").first, let port = word.split(separator: ":").last else { continue }
            addresses[String(name)] = Int(port)
        }
        return addresses
    }

    package var port: Int { addresses["submission"] ?? 0 }
    package var tlsPort: Int { addresses["submission-tls"] ?? 0 }
    package var isRunning: Bool { process?.isRunning ?? false }

    /// `kill -9`.
    package func kill() {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops all its threads where they are, until `goOn`.
    package func freeze() { if let process { Glibc.kill(process.processIdentifier, SIGSTOP) } }
    package func goOn() { if let process { Glibc.kill(process.processIdentifier, SIGCONT) } }

    /// SIGTERM; returns its exit code once it has ended.
    @discardableResult
    package func stop() -> Int32 {
        guard let process else { return -1 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// SIGHUP; returns once it has read its settings again.
    package func reload() throws {
        guard let process else { return }
        let count = log.split(separator: "\n").count { $0.contains("read again") || $0.contains("reload failed") }
        Glibc.kill(process.processIdentifier, SIGHUP)
        let isDone = eventually { log.split(separator: "\n").count { $0.contains("read again") || $0.contains("reload failed") } > count }
        guard isDone else { throw Failure(description: "the gate did not reload\n\(log)") }
    }

    /// Its log of this run.
    package var log: String { (try? String(contentsOf: directory.appendingPathComponent("serve.err"), encoding: .utf8)) ?? "" }

    /// Of the process, in octets; 0 where it does not run.
    package var residentBytes: Int {
        guard let process, let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return 0 }
        return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }

    // MARK: - Commands

    @discardableResult
    package func command(_ arguments: String..., input: String = "") throws -> String {
        let run = try tried(arguments, input: input)
        guard run.status == 0 else { throw Failure(description: "\(arguments) ended with \(run.status): \(run.output)\(run.errors)") }
        return run.output
    }

    /// As `command`, for those that may fail.
    package func tried(_ arguments: [String], input: String = "") throws -> ProgramRun {
        try Program.run(Program.postern, arguments + ["--data", directory.path], input: input)
    }

    /// Everything goes to this server from now on.
    package func route(to server: ScriptedServer) throws { try route(toPort: server.port) }

    package func route(toPort port: Int) throws { try command("routes", "add", "out", "--smarthost", "127.0.0.1:\(port)") }

    package func trace(_ filter: String...) throws -> [TraceLine] {
        try rows(try tried(["trace", "--json"] + filter))
    }

    package func queue() throws -> [QueueLine] { try rows(try tried(["queue", "list", "--json"])) }

    /// Counters; with `verified`, whether they agree with a count of the rows.
    package func ledger(verified: Bool = false) throws -> LedgerView {
        let run = try tried(["ledger", "--json"] + (verified ? ["--verify"] : []))
        let rows: [LedgerView] = try rows(run, expecting: nil)
        guard let ledger = rows.first else { throw Failure(description: "no ledger: \(run)") }
        return ledger
    }

    package func show(_ message: String) throws -> MessageView {
        let rows: [MessageView] = try rows(try tried(["queue", "show", message, "--json"]))
        guard let view = rows.first else { throw Failure(description: "no message \(message)") }
        return view
    }

    private func rows<Row: Decodable>(_ run: ProgramRun, expecting status: Int32? = 0) throws -> [Row] {
        if let status, run.status != status { throw Failure(description: "the command failed: \(run)") }
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    /// Waits until nobody is queued any more, and returns the ledger.
    package func emptied() throws -> LedgerView {
        var last = try ledger()
        guard
            try eventually({
                last = try ledger()
                return last.queued == 0
            })
        else { throw Failure(description: "the queue does not empty: \(last)\n\(try queue())") }
        return last
    }
}

/// A data directory as `postern init` makes it, made once and copied for each gate: keys and password hashes take their time.
package struct GateTemplate {
    package var directory: URL
    package var appPassword: String

    /// A data directory of its own.
    package static func copy() throws -> URL {
        let directory = try TemporaryDirectory.make()
        try FileManager.default.removeItem(at: directory)
        try FileManager.default.copyItem(at: made.get().directory, to: directory)
        return directory
    }

    package static let made: Result<GateTemplate, any Error> = Result {
        let directory = try TemporaryDirectory.makeForThisRun().appendingPathComponent("data")
        let commands = [
            ["init", "--domain", "example.org", "--host-name", "gate.example.org"],
            ["connectors", "add", "local", "--ip", "127.0.0.1", "--plaintext", "--any-sender"],
            ["accounts", "add", GateProcess.account, "--password-stdin"],
            ["accounts", "app-password", "add", GateProcess.account, "--label", "tests"],
        ]
        var output = ""
        for words in commands {
            let run = try Program.run(Program.postern, words + ["--data", directory.path], input: GateProcess.password + "\n")
            guard run.status == 0 else { throw GateProcess.Failure(description: "\(words): \(run)") }
            output = run.output
        }
        let password = output.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: " ").last ?? ""
        return GateTemplate(directory: directory, appPassword: String(password))
    }
}
