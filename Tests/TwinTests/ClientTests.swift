import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// The example script in Python: controlled, logged and paced, against a gate whose mail goes to the twin of a provider.
@Suite(.timeLimit(.minutes(10)), .ownThreads, .enabled(if: Program.isThere(Program.python), "needs Python")) struct ClientTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Examples/clients/python/paced_send.py").path

    private struct Desk {
        let folder: URL
        let gate: GateProcess

        init(_ folder: URL, _ gate: GateProcess, people: String, grant: String = "*") throws {
            self.folder = folder
            self.gate = gate
            let key = try gate.command("api-keys", "add", "letters", "--scope", "messages:send", "--grant", grant)
            try write("key", String(key.split(separator: "\n").last ?? ""))
            try write("people.csv", people)
            try write("letter.txt", "Dear $name,\n\nthe term begins.\n")
        }

        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }

        /// The objects of the log.
        func log() throws -> [[String: Any]] {
            let text = try String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)
            return text.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        }

        func results(_ result: String) throws -> [String] {
            try log().filter { $0["result"] as? String == result }.compactMap { $0["to"] as? String }
        }

        func run(_ more: [String] = [], job: String = "term") throws -> ProgramRun {
            let file = { folder.appendingPathComponent($0).path }
            return try Program.run(
                Program.python,
                [
                    ClientTests.script, "--api", "http://127.0.0.1:\(gate.addresses["http"] ?? 0)", "--key-file", file("key"), "--job", job,
                    "--csv", file("people.csv"), "--from", "Registrar <registrar@example.org>", "--subject", "Hello $name", "--text",
                    file("letter.txt"), "--log", file("log"), "--per-minute", "6000",
                ] + more)
        }
    }

    private static func rows(_ range: Range<Int>) -> String {
        "email,name\n" + range.map { "person\($0)@receiver.test,Person \($0)\n" }.joined()
    }

    private func accepted(_ gate: GateProcess) throws -> Int {
        try gate.trace("--limit", "1000").count
    }

    @Test func `each row is sent once, also after a crash`() throws {
        let twin = try TwinProcess("gmail")
        defer { twin.stop() }
        try TemporaryDirectory.with { folder in
            try GateProcess.run { gate in
                try gate.route(toPort: twin.smtpPort)
                let desk = try Desk(folder, gate, people: ClientTests.rows(0..<12))
                let check = try desk.run(["--check"])
                #expect(check.status == 0 && check.output.contains("12 to send"), "\(check)")
                let first = try desk.run()
                #expect(first.status == 0 && first.output.contains("12 accepted, 0 refused"), "\(first)")
                #expect(try desk.results("accepted").count == 12)
                // Half of the log is lost, and its last line was cut off: those rows are asked for again, and sent no second time.
                let lines = try String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8).split(separator: "\n")
                try desk.write("log", lines.prefix(5).joined(separator: "\n") + "\n" + lines[5].prefix(20))
                let second = try desk.run()
                #expect(second.status == 0 && second.output.contains("5 done before, 7 to send"), "\(second)")
                #expect(try desk.log().count { $0["replayed"] as? Bool == true } == 7)
                #expect(try accepted(gate) == 12)
                #expect(eventually { (try? twin.messageCount()) == 12 }, "the provider has each once")
            }
        }
    }

    @Test func `a gate that is away is waited for, and refusals stop the run`() throws {
        try TemporaryDirectory.with { folder in
            try GateProcess.run { gate in
                let desk = try Desk(folder, gate, people: ClientTests.rows(0..<4), grant: "other@example.org")
                let refused = try desk.run()
                #expect(refused.status == 3 && refused.errors.contains("3 rows in a row were refused"), "\(refused)")
                #expect(try desk.results("refused").count == 3)
                let wrong = try desk.log().first { $0["result"] as? String == "refused" }
                #expect(wrong?["status"] as? Int == 403 && (wrong?["detail"] as? String)?.hasPrefix("550 5.7.60") == true)
                try desk.write("key", "postern_letters_\(String(repeating: "0", count: 52))")
                let stranger = try desk.run(job: "another")
                #expect(stranger.status == 3 && stranger.errors.contains("does not take the key"), "\(stranger)")
                gate.kill()
                let away = try desk.run(["--attempts", "2"], job: "third")
                #expect(away.status == 3 && away.errors.contains("no answer that counts after 2 attempts"), "\(away)")
                #expect(try desk.results("waiting").count == 2)
                try desk.write("people.csv", "email,name\nnobody,N\n")
                let broken = try desk.run(job: "fourth")
                #expect(broken.status == 2 && broken.errors.contains("line 2: \"nobody\" is no address"), "\(broken)")
                try desk.write("people.csv", "email\na@receiver.test\n")
                #expect(try desk.run(job: "fifth").status == 2, "the template wants a name")
            }
        }
    }
}

extension TwinProcess {
    /// Mail that it has taken.
    fileprivate func messageCount() throws -> Int {
        let run = try Program.run(
            Program.python,
            ["-c", "import json,urllib.request as u; print(len(json.load(u.urlopen('http://127.0.0.1:\(httpPort)/v1/messages'))))"])
        return Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }
}
