import ArgumentParser
import PosternRuntime

struct WarmUpList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List warm-ups and what each may send today.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let warmUps = try await data.perform(ListWarmUps())
        try format.print(
            warmUps, ["NAME", "PLAN", "STATE", "DAY", "CAP", "PAUSED UNTIL", "LAST USED"], empty: "No source is being warmed up."
        ) {
            [
                $0.name, $0.plan, $0.state.rawValue, "\($0.day)/\($0.days)", $0.cap.map { "\($0)" } ?? "", Output.time($0.pausedUntil),
                $0.lastUsed,
            ]
        }
    }
}
