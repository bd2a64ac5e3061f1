import ArgumentParser
import Foundation
import MailModel
import PosternRuntime

struct ScanMessages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Score, verdict and findings of messages in files, folders or mbox files.",
        discussion: "Needs no running gate. Without a data directory, the built-in rules judge alone.")

    @Argument(help: ArgumentHelp("Messages; - for standard input.", valueName: "file"))
    var files: [String]
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let knowledge = try ScanFiles.knowledge(of: data.isAbsent ? nil : data.directory)
        for file in files {
            try MessageFiles.forEach(file) { name, content in
                let view = try ScanMessage(content: content).view(file: name, knowledge: knowledge, at: .now)
                if format.json { return try Output.json([view]) }
                Output.line(Output.printable("\(name): \(view.verdict), score \(view.score)"))
                for finding in view.findings {
                    Output.line(Output.printable("  \(finding.weight)  \(finding.explanation) [\(finding.matched)] \(finding.rule)"))
                }
            }
        }
    }
}

/// Messages that a command names.
enum MessageFiles {
    static func forEach(_ path: String, _ body: (_ name: String, _ content: [UInt8]) throws -> Void) throws {
        guard path == "-" else { return try MailFiles.forEach(path, body) }
        try body("-", [UInt8](FileHandle.standardInput.readDataToEndOfFile()))
    }
}
