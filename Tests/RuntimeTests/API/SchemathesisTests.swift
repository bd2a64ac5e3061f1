import Foundation
import OwnThreads
import Testing

/// Another party's tool holds the description of the interface against a gate that runs.
@Suite(.ownThreads) struct SchemathesisTests {
    /// `$POSTERN_SCHEMATHESIS`, or where `scripts` puts it.
    private static var program: String? {
        let places = [
            ProcessInfo.processInfo.environment["POSTERN_SCHEMATHESIS"] ?? "", "\(SourceTree.root)/.build/schemathesis/bin/schemathesis",
            "/usr/local/bin/schemathesis",
        ]
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    @Test(.enabled(if: program != nil, "schemathesis is not installed: pip install schemathesis")) func theDescriptionIsTrue() async throws
    {
        let program = try #require(SchemathesisTests.program)
        try await APIServer.run { server in
            let result = try await SchemathesisTests.run(
                program,
                [
                    "run", "http://127.0.0.1:\(server.port)/v1/openapi.json", "--header", "Authorization: Bearer \(server.administrator)",
                    // An answer may take as long as the machine makes it: what is held against the description is what it says.
                    "--request-timeout", "900", "--max-examples", "5", "--phases", "examples,coverage", "--generation-deterministic",
                    "--no-color",
                    // Rules that no schema can tell (an account that is there, a host that goes with a kind) refuse some valid data.
                    "--exclude-checks", "positive_data_acceptance", "--warnings", "off", "--continue-on-failure",
                ])
            #expect(result.code == 0, "\(result.output.suffix(6000))")
            // Each operation of the description was called but the one that it was read by, which the tool leaves out by itself.
            let paths = try await server.call("GET", "/v1/openapi.json").fields["paths"] as? [String: [String: Any]] ?? [:]
            let operations = paths.values.reduce(0) { $0 + $1.keys.count { ["get", "put", "post", "patch", "delete"].contains($0) } } - 1
            #expect(operations > 200 && result.output.contains("Selected: \(operations)/\(operations)\n"), "\(operations)")
            #expect(result.output.contains("Tested: \(operations)\n"), "\(result.output.suffix(1500))")
            #expect(try await server.call("GET", "/v1/ledger?verify=true").fields["verified"] as? Bool == true)
        }
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> (code: Int32, output: String) {
        let folder = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let file = "\(folder.path)/output"
        try #require(FileManager.default.createFile(atPath: file, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: file))
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (process.terminationStatus, try String(contentsOfFile: file, encoding: .utf8))
    }
}
