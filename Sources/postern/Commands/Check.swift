import ArgumentParser
import MailModel
import PosternRuntime

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What receivers will object to in a message, before it is sent, and what to do.",
        discussion: "Needs no running gate and no data directory.")

    @Argument(help: ArgumentHelp("Messages; - for standard input.", valueName: "file"))
    var files: [String]
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let knowledge = try ScanFiles.knowledge(of: data.isAbsent ? nil : data.directory)
        for file in files {
            try MessageFiles.forEach(file) { name, content in
                let check = SendingCheck.of(content, file: name, knowledge: knowledge, at: .now)
                if format.json { return try Output.json([check]) }
                Output.line(Output.printable("\(name): \(check.verdict), score \(check.score)"))
                if check.objections.isEmpty { Output.line("  Nothing to object to.") }
                for objection in check.objections {
                    let matched = objection.matched.isEmpty ? "" : " [\(objection.matched)]"
                    Output.line(Output.printable("  - \(objection.objection)\(matched)"))
                    Output.line(Output.printable("    \(objection.advice)"))
                }
            }
        }
    }
}
