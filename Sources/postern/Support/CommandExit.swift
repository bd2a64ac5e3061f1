import ArgumentParser
import Foundation
import PosternRuntime

/// How a command ends: the exit codes that `postern --help` lists.
enum CommandExit: Int32 {
    case failed = 1
    case usage = 2
    case notFound = 3
    case conflict = 4
    case unreachable = 5
    case denied = 6

    /// Says on standard error what went wrong, and ends the process.
    static func end(with error: any Error) -> Never {
        switch error {
        case let error as AdministrationError: stop(code(of: error.kind), "\(error)")
        case let error as SettingsError: stop(.usage, error.description)
        case let error as FileError: stop(.failed, error.description)
        default: break
        }
        let code = Postern.exitCode(for: error)
        // ArgumentParser's own code for wrong usage is 64.
        if code == .validationFailure { stop(.usage, Postern.fullMessage(for: error), prefix: "") }
        if code.isSuccess || error is ExitCode || error is CleanExit { Postern.exit(withError: error) }
        stop(.failed, "\(error)")
    }

    private static func stop(_ code: CommandExit, _ text: String, prefix: String = "postern: ") -> Never {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { Output.error("\(prefix)\(line)") }
        exit(code.rawValue)
    }

    private static func code(of kind: AdministrationError.Kind) -> CommandExit {
        switch kind {
        case .invalid: .usage
        case .notFound: .notFound
        case .conflict: .conflict
        case .unavailable: .unreachable
        case .denied: .denied
        case .failed: .failed
        }
    }
}
