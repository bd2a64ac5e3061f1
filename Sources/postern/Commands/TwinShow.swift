import ArgumentParser
import PosternRuntime

struct TwinShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the twin that runs with a gate (./run): mailboxes, throttles, restrictions, what arrived.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowTwin())
        if format.json { return try Output.json([view]) }
        guard let state = view.state else { return Output.line("No twin runs with this gate; ./run starts one.") }
        Output.line(
            "\(state.now) at \(state.clock); external recipients of 24 hours: \(state.tenant.externalOfDay) of \(state.tenant.quota)")
        Output.table(
            ["MAILBOX", "STATE", "HOUR", "24 H", "TAKEN", "REFUSED"],
            state.mailboxes.map {
                [
                    $0.address, $0.words.joined(separator: "; "), "\($0.externalOfHour)", "\($0.recipientsOfDay)", "\($0.accepted)",
                    "\($0.refused)",
                ]
            },
            empty: "")
        Output.table(
            ["ARRIVED", "FROM", "TO", "SUBJECT", "POOL"],
            view.messages.map { [$0.acceptedAt, $0.sender, $0.recipients.prefix(3).joined(separator: " "), $0.subject, $0.pool] },
            empty: "Nothing arrived.")
    }
}
