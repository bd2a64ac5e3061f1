import ArgumentParser
import PosternRuntime

struct Reputation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How our addresses and domains stand: blocklists, reverse names, and what receivers say.",
        subcommands: [
            ReputationList.self, ReputationCheckCommand.self, ReputationHistory.self, ReputationLists.self, ReputationEnrolments.self,
            ReputationEnrol.self, ReputationImport.self, ReputationFigures.self,
        ], defaultSubcommand: ReputationList.self)

    static func show(_ rows: [ReputationView], _ format: FormatOptions) throws {
        try format.print(
            rows, ["ADDRESS OR DOMAIN", "LIST", "STATE", "SINCE", "LOOKED AT", "IT SAID"],
            empty: "Nothing is watched: no source has a public address, and there is no accepted domain."
        ) {
            [
                $0.subject, $0.list, $0.state == .unknown ? "not known" : $0.state.rawValue, Output.time($0.since),
                Output.time($0.lookedAt),
                Output.cut($0.unknown.isEmpty ? $0.text : "not known: \($0.unknown)", format.json ? 10_000 : 90),
            ]
        }
        guard !format.json else { return }
        for row in rows where row.state == .listed || row.state == .wrong {
            Output.line("\n\(Output.printable(row.subject)), \(row.list): \(Output.printable(row.text))")
            for (number, step) in row.steps.enumerated() { Output.line("  \(number + 1). \(Output.printable(step))") }
        }
    }
}
