import ArgumentParser
import PosternRuntime

struct ListsSample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Write a CSV file of made-up people with real flaws, to try an import with.", shouldDisplay: false)

    @Option(help: "How many.")
    var rows = 10_000
    @Option(help: "The same number gives the same people.")
    var seed: UInt64 = 1
    @Flag(name: .customLong("twins"), help: "At the domains of the twins that receive, and some for whom these send something back.")
    var isForTwins = false

    func run() throws {
        var octets: [UInt8] = []
        var file = PeopleFile(seed: seed, isForTwins: isForTwins)
        file.write(rows: rows) { line in
            octets += line
            guard octets.count > 262_144 else { return }
            Output.part(octets)
            octets = []
        }
        Output.part(octets)
    }
}
