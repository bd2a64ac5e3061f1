import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct SuppressionsRates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rates", abstract: "Rates of bounces, complaints and deferrals of those whose mail came back, the worst first.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rates = try await data.perform(ShowSendingRates())
        try format.print(
            rates, ["WHOSE", "MESSAGES", "HARD BOUNCES", "COMPLAINTS", "DEFERRALS", "LEVEL"], empty: "Nothing came back in this time."
        ) {
            [
                $0.subject, "\($0.messages)", "\(RatePolicy.text($0.hardBounces)) %", "\(RatePolicy.text($0.complaints)) %",
                "\(RatePolicy.text($0.deferrals)) %", $0.level,
            ]
        }
    }
}
