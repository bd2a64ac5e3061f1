import Foundation
import GateSupport
import OwnThreads
import Testing

/// The console, driven by a real Chromium: accessible pages at two widths, light and dark, and the core flows with our script and without.
@Suite(.ownThreads) struct ConsoleBrowserTests {
    private static let python = ".build/browser/bin/python"
    private static let canRun = Program.isThere("/usr/bin/chromedriver", python)
    private static let password = "a password for the browser"

    @Test(.enabled(if: canRun, "chromedriver or .build/browser is missing: ./test installs both where it can"))
    func whatPeopleDoWithTheConsoleWorks() throws {
        let directory = try GateTemplate.copy()
        let seed = try Program.run(
            Program.postern, ["seed", "--events", "5000", "--seed", "1", "--password-stdin", "--data", directory.path],
            input: ConsoleBrowserTests.password)
        #expect(seed.status == 0, "\(seed.output)\(seed.errors)")
        try GateProcess.run(["campaigns.public-url=https://mail.northwind.test"], on: directory) { gate in
            let http = try #require(gate.addresses["http"])
            let run = try Program.run(
                "/usr/bin/timeout",
                [
                    "900", ConsoleBrowserTests.python, "Tests/Browser/console.py", "http://127.0.0.1:\(http)", "admin@northwind.test",
                    ConsoleBrowserTests.password,
                ], input: "")
            #expect(run.status == 0, "\(run.output)\n\(run.errors.suffix(3000))")
        }
    }
}
