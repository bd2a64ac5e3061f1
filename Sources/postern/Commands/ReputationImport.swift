import ArgumentParser
import DeliveryPlanning
import Foundation
import MailModel
import PosternRuntime

struct ReputationImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read figures that Google or Microsoft give of our mail, from CSV.",
        discussion: "Nothing is imported where a line cannot be read. The same day and subject again take the place of what was there.")

    @Argument(help: "postmaster or snds.") var source: ReputationFigure.Source
    @Argument(help: "The file; - for standard input.") var file: String
    @Option(help: "Of a file of Postmaster Tools that does not name it.", transform: Arguments.domain)
    var domain: DomainName?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let handle, let octets = try handle.read(upToCount: ImportFigures.bytesMax + 1) else {
            throw ValidationError("\(file) cannot be read, or is empty")
        }
        let operation = ImportFigures(source: source, csv: String(decoding: octets, as: UTF8.self), domain: domain)
        let answer = try await data.perform(operation, reason: reason.reason)
        if format.json { try Output.json([answer]) }
        for problem in answer.problems { Output.error("\(file): \(problem)") }
        guard answer.problems.isEmpty else { throw ExitCode(CommandExit.failed.rawValue) }
        if !format.json { Output.line("\(answer.imported) lines imported") }
    }
}

extension ReputationFigure.Source: ExpressibleByArgument {}
