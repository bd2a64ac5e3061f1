import Foundation
import GateSupport

/// A twin as a process of its own, on free ports.
final class TwinProcess {
    private let process: Process
    private let directory: URL
    let smtpPort: Int
    let httpPort: Int

    init(_ provider: String = "exchange-online", _ options: [String] = []) throws {
        directory = try TemporaryDirectory.make()
        let output = directory.appendingPathComponent("out")
        let process = try Program.start(
            Program.postern, ["twin", provider, "--port", "0"] + options, input: nil, output: output,
            errors: directory.appendingPathComponent("err"))
        self.process = process
        var ready: Substring?
        _ = eventually {
            let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
            ready = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first { $0.hasPrefix("ready ") }
            return ready != nil || !process.isRunning
        }
        let ports = (ready ?? "").split(separator: " ").compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
        guard ports.count == 2 else { throw GateProcess.Failure(description: "the twin did not start") }
        (smtpPort, httpPort) = (ports[0], ports[1])
    }

    /// SIGTERM; its exit code.
    @discardableResult
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
        return process.terminationReason == .exit ? process.terminationStatus : -1
    }
}
