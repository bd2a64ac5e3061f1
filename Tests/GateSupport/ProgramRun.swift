package import Foundation
import Glibc
import Synchronization

/// What a program left behind.
package struct ProgramRun {
    package var status: Int32
    package var output: String
    package var errors: String
}

/// Programs that tests run beside the gate.
package enum Program {
    package static let python = "/usr/bin/python3"
    package static let openSSL = "/usr/bin/openssl"
    package static let swaks = "/usr/bin/swaks"
    package static let smtpSource = "/usr/sbin/smtp-source"
    package static let smtpSink = "/usr/sbin/smtp-sink"
    /// The gate, built beside this test bundle.
    package static let postern =
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("postern").path

    package static func isThere(_ paths: String...) -> Bool { paths.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } }

    /// Runs a program to its end. Its output goes through files: a pipe that another child inherited would never end.
    package static func run(_ path: String, _ arguments: [String], input: String = "") throws -> ProgramRun {
        try TemporaryDirectory.with { directory in
            try Data(input.utf8).write(to: directory.appendingPathComponent("in"))
            let process = try start(
                path, arguments, input: directory.appendingPathComponent("in"), output: directory.appendingPathComponent("out"),
                errors: directory.appendingPathComponent("err"))
            process.waitUntilExit()
            let output = try Data(contentsOf: directory.appendingPathComponent("out"))
            let errors = try Data(contentsOf: directory.appendingPathComponent("err"))
            return ProgramRun(
                status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
                errors: String(decoding: errors, as: UTF8.self))
        }
    }

    /// Nil: nothing is read, or what is said is dropped.
    package static func start(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], input: URL?, output: URL?, errors: URL?
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if !environment.isEmpty { process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 } }
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        process.standardOutput = try writing(output)
        process.standardError = try writing(errors)
        try process.runUnmasked()
        return process
    }

    private static func writing(_ file: URL?) throws -> FileHandle {
        guard let file else { return FileHandle.nullDevice }
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }
}

extension Process {
    /// `run`, without handing on the signals that threads of a test run block: the program would be deaf to SIGTERM.
    package func runUnmasked() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}

package enum TemporaryDirectory {
    package static func make() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("gate-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    /// Goes when the process ends.
    package static func makeForThisRun() throws -> URL {
        let directory = try make()
        forThisRun.withLock { $0.append(directory) }
        atexit {
            for directory in TemporaryDirectory.forThisRun.withLock({ $0 }) { try? FileManager.default.removeItem(at: directory) }
        }
        return directory
    }

    private static let forThisRun = Mutex<[URL]>([])

    package static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let directory = try make()
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory)
    }
}

/// Looks until `condition` holds. The deadline is one that only a gate that will never do it reaches.
package func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    // For what hangs only: on a busy machine other tests may keep both of the pool's threads for minutes.
    let deadline = ContinuousClock.now + .seconds(600)
    var pause: UInt32 = 5_000
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        // Looking often would take from the gate the time that it needs.
        usleep(pause)
        pause = min(pause * 2, 160_000)
    }
    return try condition()
}
