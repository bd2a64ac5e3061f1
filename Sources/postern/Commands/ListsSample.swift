import ArgumentParser
import PosternRuntime

struct ListsSample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Write a CSV file of made-up people with real flaws, to try an import with.", shouldDisplay: false)

    @Option(help: "How many.")
    var rows = 10_000
    @Option(help: "The same number gives the same people.")
    var seed: UInt64 = 1

    func run() throws {
        var text = ""
        var file = PeopleFile(seed: seed)
        file.write(rows: rows) { line in
            text += line
            guard text.utf8.count > 262_144 else { return }
            Output.part(text)
            text = ""
        }
        Output.part(text)
    }
}
