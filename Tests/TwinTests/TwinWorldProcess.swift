import Foundation
import GateSupport

/// `postern twin FILE.yaml`, as a program beside the test.
struct TwinWorldProcess {
    private let process: Process
    let dns: Int
    let http: Int
    /// Of the first twin, which is that of all receivers where the file says so.
    let smtp: Int

    init(_ file: URL, in directory: URL) throws {
        let output = directory.appendingPathComponent("out")
        let errors = directory.appendingPathComponent("err")
        process = try Program.start(Program.postern, ["twin", file.path, "--json"], input: nil, output: output, errors: errors)
        var ready: [String: Any]?
        let running = process
        _ = eventually {
            ready = (try? JSONSerialization.jsonObject(with: Data(contentsOf: output))) as? [String: Any]
            return ready != nil || !running.isRunning
        }
        let twins = ready?["twins"] as? [[String: Any]]
        guard let dns = ready?["dnsPort"] as? Int, let http = ready?["httpPort"] as? Int, let smtp = twins?.first?["port"] as? Int else {
            throw GateProcess.Failure(description: "no world: \((try? String(contentsOf: errors, encoding: .utf8)) ?? "")")
        }
        (self.dns, self.http, self.smtp) = (dns, http, smtp)
    }

    func call(_ method: String, _ path: String, _ body: String = "") throws -> String {
        let arguments = ["-s", "-X", method, "http://127.0.0.1:\(http)\(path)"] + (body.isEmpty ? [] : ["--data", body])
        return try Program.run("/usr/bin/curl", arguments).output
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
