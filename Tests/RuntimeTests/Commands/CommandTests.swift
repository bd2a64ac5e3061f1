import Foundation
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct CommandTests {
    private func initialized() throws -> TemporaryDirectory {
        let data = try TemporaryDirectory()
        let result = try PosternProcess.run(["init", "--host-name", "gate.example.org"], data: data)
        #expect(result.code == 0, "\(result.error)")
        return data
    }

    private func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func initShowsThePasswordOnceAndCanBeRunAgain() throws {
        let data = try TemporaryDirectory()
        let first = try PosternProcess.run(["init", "--data", "\(data.path)/data", "--host-name", "gate.example.org"], data: data)
        #expect(first.code == 0)
        #expect(first.output.contains("Administrator: admin@gate.example.org"))
        #expect(first.output.contains("p=MIIB"))
        let second = try PosternProcess.run(["init", "--data", "\(data.path)/data"], data: data)
        #expect(second.code == 0)
        #expect(!second.output.contains("Password"))
        #expect(second.output.contains("joined"))
        let files = FileManager.default.enumerator(atPath: "\(data.path)/data")?.compactMap { $0 as? String } ?? []
        for file in files where file.hasPrefix("postern.sqlite") {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(data.path)/data/\(file)")[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
    }

    @Test func theDirectoryIsManagedWithoutAGate() throws {
        let data = try initialized()
        func run(_ text: String, input: String = "") throws -> PosternProcess.Result {
            try PosternProcess.run(text.split(separator: " ").map(String.init), data: data, input: input)
        }
        #expect(try run("accounts add a@example.org --password-stdin", input: "long enough\n").code == 0)
        #expect(try run("connectors add erp --ip 10.0.0.0/8 --plaintext --any-sender").code == 0)
        #expect(try run("routes add out --smarthost 127.0.0.1:2525").code == 0)
        #expect(try run("domains add example.org --host [::1]:26").code == 0)
        let accounts = try objects(run("accounts list --json").output)
        #expect(accounts.compactMap { $0["address"] as? String } == ["a@example.org", "admin@gate.example.org"])
        let connectors = try objects(run("connectors list --json").output)
        #expect(connectors.first?["plaintext"] as? Bool == true)
        #expect(connectors.first?["grants"] as? [String] == ["*"])
        let routes = try objects(run("routes list --json").output)
        #expect(routes.first { $0["isDefault"] as? Bool == true }?["name"] as? String == "out")
        #expect(try objects(run("domains list --json").output).first?["host"] as? String == "[::1]:26")
        #expect(try run("accounts list").output.hasPrefix("ADDRESS"))
    }

    @Test func theLedgerTraceAndQueueAnswerInJSON() throws {
        let data = try initialized()
        let ledger = try PosternProcess.run(["ledger", "--json"], data: data)
        #expect(ledger.code == 0)
        let figures = try #require(try objects(ledger.output).first)
        for key in ["accepted", "delivered", "bounced", "expired", "cancelled", "suppressed", "queued", "held"] {
            #expect(figures[key] as? Int == 0, "\(key)")
        }
        for command in [["trace", "--json"], ["queue", "list", "--json"]] {
            let result = try PosternProcess.run(command, data: data)
            #expect(result.code == 0)
            #expect(result.output == "")
        }
    }

    @Test(arguments: [
        ("accounts list", 3), ("serve", 3), ("check-config", 3),
    ])
    func withoutADataDirectoryCommandsSayHowToMakeOne(command: String, code: Int32) throws {
        let data = try TemporaryDirectory()
        let result = try PosternProcess.run(command.split(separator: " ").map(String.init), data: data)
        #expect(result.code == code)
        #expect(result.error.contains("postern init"))
    }

    @Test func exitCodesAreThoseOfTheHelp() throws {
        let data = try initialized()
        func code(_ text: String, input: String = "") throws -> Int32 {
            try PosternProcess.run(text.split(separator: " ").map(String.init), data: data, input: input).code
        }
        #expect(try code("--help") == 0)
        #expect(try code("version") == 0)
        #expect(try code("no-such-command") == 2)
        #expect(try code("connectors add x --ip 10.0.0.1/8") == 2)
        #expect(try code("accounts add a@example.org --password-stdin", input: "short\n") == 2)
        #expect(try code("accounts disable nobody@example.org") == 3)
        #expect(try code("routes add built-in --mx") == 4)
        #expect(try code("status") == 5)
        #expect(try code("queue cancel --sender nobody@example.org") == 3)
        #expect(try code("queue cancel") == 2)
        #expect(try code("trace --status lost") == 2)
    }

    @Test func checkConfigNamesFileLineAndNearestKey() throws {
        let data = try initialized()
        #expect(try PosternProcess.run(["check-config"], data: data).code == 0)
        let file = "\(data.path)/data/postern.yaml"
        try Data("submission:\n  prot: 1\n".utf8).write(to: URL(fileURLWithPath: file))
        let result = try PosternProcess.run(["check-config"], data: data)
        #expect(result.code == 2)
        #expect(result.error.contains("postern.yaml:2: submission.prot: no such setting; did you mean submission.port?"))
        let other = try PosternProcess.run(["check-config", "--set", "http.port=99999"], data: data)
        #expect(other.error.contains("--set: http.port: 99999 is out of range: 0…65535"))
    }
}
