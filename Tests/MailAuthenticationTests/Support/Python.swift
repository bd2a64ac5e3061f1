import Foundation

/// Other implementations of DKIM, reached through Python.
enum Python {
    static let path = "/usr/bin/python3"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Runs a script with arguments; its output, and whether it ended with 0.
    static func run(_ script: String, _ arguments: [String]) throws -> (output: String, isSuccess: Bool) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", script] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus == 0)
    }
}

/// A directory that goes when the closure ends.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("postern-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}

extension Python {
    static let hasDkimpy = isThere && (try? run("import dkim, nacl.signing", []).isSuccess) == true
    static let hasARC = hasDkimpy && (try? run("import authres", []).isSuccess) == true
    static let hasOpenDKIM = isThere && (try? run("import ctypes; ctypes.CDLL('libopendkim.so.11')", []).isSuccess) == true
}
