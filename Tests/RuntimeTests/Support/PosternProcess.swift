import Foundation

/// Runs the program that the tests were built with.
struct PosternProcess {
    struct Result {
        var code: Int32
        var output: String
        var error: String
    }

    static func run(_ arguments: [String], data: TemporaryDirectory, input: String = "") throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("postern")
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("POSTERN_") }
        environment["POSTERN_DATA"] = "\(data.path)/data"
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: data.path)
        let (output, error, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        // What these commands print fits into a pipe, so one after the other is safe.
        let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(code: process.terminationStatus, output: outputText, error: errorText)
    }
}
