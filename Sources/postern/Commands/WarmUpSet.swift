import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct WarmUpSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Warm up a source, or give its warm-up another calendar.",
        discussion: "What is over the day's cap leaves from the other sources of its route, where these are warm; else it waits.")

    @Argument(help: "The egress source.") var source: String
    @Option(help: "For this provider only; else for all together.", transform: Arguments.provider)
    var provider: MailProvider?
    @Option(help: "standard, careful or fast; as it was, or standard, where it is left out.", transform: Arguments.warmUpPlan)
    var plan: WarmUpPlan?
    @Option(help: "Messages of each day, of one's own: 50,100,200.", transform: Arguments.numbers)
    var days: [Int]?
    @Option(help: "The day of the calendar that today is: a lower one is a step back.")
    var day: Int?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = SetWarmUp(source: source, provider: provider, plan: plan, caps: days, day: day)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.name): day \(view.day) of \(view.days), \(view.cap.map { "\($0) messages in 24 hours" } ?? "warm")")
    }
}
