import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ReputationEnrolments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrolments", abstract: "Receivers' programmes that tell who complains, and how far each domain and address has come.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListEnrolments())
        try format.print(
            rows, ["PROGRAMME", "DOMAIN OR ADDRESS", "STATE", "SINCE", "BY", "NOTE", "WHERE"],
            empty: "There is no public address and no domain of ours."
        ) {
            [$0.loop.rawValue, $0.subject, $0.state.rawValue, Output.time($0.since), $0.by, Output.cut($0.note, 40), $0.page]
        }
    }
}
