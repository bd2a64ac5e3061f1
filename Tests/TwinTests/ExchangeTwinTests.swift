import Foundation
import GateSupport
import OwnThreads
import Testing

/// Stock clients against the server: what they see is what the model says.
@Suite(.timeLimit(.minutes(10)), .ownThreads) struct ExchangeTwinTests {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let dialogues = here.deletingLastPathComponent().appendingPathComponent("ProviderTwinTests/Dialogues")

    static var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: dialogues.path)) ?? []).filter { $0.hasSuffix(".twin") }.sorted()
    }

    @Test(.enabled(if: Program.isThere(Program.python), "needs Python"), arguments: names)
    func `Python's smtplib sees what the dialogue says`(_ name: String) throws {
        let twin = try TwinProcess()
        let script = ExchangeTwinTests.here.appendingPathComponent("twin_dialogue.py").path
        let run = try Program.run(
            Program.python, [script, "\(twin.smtpPort)", "\(twin.httpPort)", ExchangeTwinTests.dialogues.appendingPathComponent(name).path])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(twin.stop() == 0)
    }

    @Test(.enabled(if: Program.isThere(Program.swaks), "needs swaks"))
    func `swaks signs in under TLS and sees the replies`() throws {
        let twin = try TwinProcess("exchange-online", ["--clock", "60x"])
        defer { twin.stop() }
        func swaks(_ from: String, _ password: String) throws -> ProgramRun {
            try Program.run(
                Program.swaks,
                [
                    "--server", "127.0.0.1:\(twin.smtpPort)", "--tls", "--auth", "LOGIN", "--auth-user", "app@contoso.test",
                    "--auth-password", password, "--from", from, "--to", "x@example.com",
                ])
        }
        let good = try swaks("app@contoso.test", "twin")
        #expect(good.status == 0 && good.output.contains("250 2.0.0 OK <"), "\(good)")
        #expect(good.output.contains("Microsoft ESMTP MAIL Service ready at ") && good.output.contains("250-SIZE 157286400"))
        let wrong = try swaks("app@contoso.test", "other")
        #expect(
            wrong.status == 28 && wrong.output.contains("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect."))
        let foreign = try swaks("ceo@contoso.test", "twin")
        #expect(foreign.status == 26 && foreign.output.contains("554 5.2.252 SendAsDenied; app@contoso.test not allowed to send as ceo@"))
    }

    @Test func `the ready line as JSON names the ports`() throws {
        let directory = try TemporaryDirectory.make()
        defer { try? FileManager.default.removeItem(at: directory) }
        let output = directory.appendingPathComponent("out")
        let process = try Program.start(
            Program.postern, ["twin", "exchange-online", "--port", "0", "--json"], input: nil, output: output, errors: nil)
        var ready: [String: Any]?
        _ = eventually {
            ready = (try? JSONSerialization.jsonObject(with: Data(contentsOf: output))) as? [String: Any]
            return ready != nil
        }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(ready?["ready"] as? Bool == true && (ready?["smtpPort"] as? Int ?? 0) > 0 && (ready?["httpPort"] as? Int ?? 0) > 0)
    }

    @Test func `wrong settings end with the exit code of wrong usage`() throws {
        for options in [["--clock", "0x"], ["--set", "nothing=1"], ["--set", "connections=-1"], ["--action", "Explode"]] {
            let run = try Program.run(Program.postern, ["twin", "exchange-online", "--port", "0"] + options)
            #expect(run.status == 2 && !run.errors.isEmpty, "\(options) \(run)")
        }
    }

    @Test func `a page of another site cannot act on it`() throws {
        let twin = try TwinProcess()
        defer { twin.stop() }
        func post(_ origin: String) throws -> String {
            try Program.run(
                "/usr/bin/curl",
                [
                    "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Origin: \(origin)", "-d",
                    "act=full&on=1&mailbox=app@contoso.test",
                    "http://127.0.0.1:\(twin.httpPort)/act",
                ]
            ).output
        }
        #expect(try post("https://elsewhere.example") == "403")
        #expect(try post("http://127.0.0.1:\(twin.httpPort)") == "303")
    }
}
