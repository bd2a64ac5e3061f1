import Foundation
import GateSupport
import OwnThreads
import Testing

/// `./run` as a person starts it, with the program that these tests were built with.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct RunScriptTests {
    private static let root = ExchangeTwinTests.here.deletingLastPathComponent().deletingLastPathComponent()

    @Test(.enabled(if: Program.isThere(Program.swaks, "/usr/bin/curl"), "needs swaks and curl"))
    func `mail through the gate arrives at its twin, and a right that is missing stops the route`() throws {
        try TemporaryDirectory.with { directory in
            let data = directory.appendingPathComponent("data").path
            let output = directory.appendingPathComponent("out")
            let process = try Program.start(
                "/bin/bash",
                [
                    RunScriptTests.root.appendingPathComponent("run").path, "--data", data, "--port", "0", "--tls-port", "0", "--http-port",
                    "0",
                ], environment: ["POSTERN": Program.postern], input: nil, output: output, errors: directory.appendingPathComponent("err"))
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            func said() -> String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
            let isReady = eventually { said().contains("More: ./run demo") || !process.isRunning }
            try #require(isReady && process.isRunning, "\(said())")
            let port = try #require(said().firstMatch(of: #/ready .*submission=127\.0\.0\.1:(\d+)/#)?.1)
            func postern(_ arguments: String..., input: String = "") throws -> String {
                try Program.run(Program.postern, arguments + ["--data", data], input: input).output
            }
            _ = try postern("accounts", "add", "you@example.org", "--password-stdin", input: "choose-a-password\n")
            _ = try postern("accounts", "grant", "you@example.org", "ceo@contoso.test")
            func send(_ from: String) throws -> Int32 {
                try Program.run(
                    Program.swaks,
                    [
                        "--server", "127.0.0.1:\(port)", "--tls", "--auth-user", "you@example.org", "--auth-password", "choose-a-password",
                        "--from", from, "--to", "someone@example.com", "--header", "Subject: for \(from)",
                    ]
                ).status
            }
            #expect(try send("you@example.org") == 0)
            let twin = try String(contentsOfFile: "\(data)/twin.http", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            func state(_ path: String) -> String { (try? Program.run("/usr/bin/curl", ["-s", "http://\(twin)/v1/\(path)"]).output) ?? "" }
            #expect(eventually { state("messages").contains("for you@example.org") })
            // As the managing director, without the right: one error of the mailbox, and the report of it is none.
            #expect(try send("ceo@contoso.test") == 0)
            #expect(
                eventually {
                    state("messages").contains("you@example.org\"],\"sender\":\"<>\"") || state("messages").contains("Undeliverable")
                })
            #expect(state("state").contains("\"send as denied\":1"), "\(state("state"))")
            #expect(try postern("twin", "show").contains("app@contoso.test"))
            process.terminate()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(!FileManager.default.fileExists(atPath: "\(data)/twin.http"))
        }
    }
}
