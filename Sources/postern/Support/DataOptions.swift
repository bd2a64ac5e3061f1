import ArgumentParser
import Foundation
import PosternRuntime

/// `--data`, which every command has.
struct DataOptions: ParsableArguments {
    private static let standard = "./data"

    @Option(name: .customLong("data"), help: "The data directory; $POSTERN_DATA, else ./data.")
    var path: String = ProcessInfo.processInfo.environment["POSTERN_DATA"] ?? standard

    var directory: DataDirectory { DataDirectory(path) }

    /// None was named, and none is where it usually is: what can be answered without one is.
    var isAbsent: Bool { path == DataOptions.standard && !AtomicFile.exists(path) }

    /// Performs one operation, through the gate where one runs.
    func perform<Operation: AdministrativeOperation>(_ operation: Operation, reason: String = "") async throws -> Operation.Outcome {
        let access = try await AdministrationAccess.open(directory)
        do {
            let outcome = try await access.perform(operation, reason: reason)
            await access.close()
            return outcome
        } catch {
            await access.close()
            throw error
        }
    }
}

/// `--json`, wherever a table is printed.
struct FormatOptions: ParsableArguments {
    @Flag(help: "One JSON object a line instead of a table.")
    var json = false

    func print<Row: Encodable>(_ rows: [Row], _ titles: [String], empty: String, _ cells: (Row) -> [String]) throws {
        if json {
            try Output.json(rows)
        } else {
            Output.table(titles, rows.map(cells), empty: empty)
        }
    }
}

/// `--reason`, for the audit.
struct ReasonOptions: ParsableArguments {
    @Option(help: "Why; kept in the audit.")
    var reason = ""
}

/// `--password-stdin`.
enum SecretInput {
    /// All of standard input.
    static func read() throws -> String {
        var lines: [String] = []
        while lines.count < 1000, let line = readLine(strippingNewline: true) { lines.append(line) }
        guard lines.contains(where: { !$0.isEmpty }) else { throw ValidationError("--secret-stdin: there is nothing on standard input") }
        return lines.joined(separator: "\n")
    }
}

enum PasswordInput {
    /// One line from standard input, without its end.
    static func read() throws -> String {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw ValidationError("--password-stdin: there is no line on standard input")
        }
        return line
    }
}
