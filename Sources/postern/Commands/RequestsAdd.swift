import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RequestsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Ask for a higher limit of a sender, or for the right to send bulk mail.",
        discussion: "Limits: \(LimitRequest.limitsKnown.map(\.rawValue).joined(separator: ", ")).")

    @Argument(help: "An address, connector:NAME or api-key:NAME.")
    var sender: String
    @Option(help: "Which limit; with --value.")
    var limit: String?
    @Option(help: "As much as is asked for in the limit's window.")
    var value: Int?
    @Flag(help: "The right to send as class campaign, which counts for the organisation alone.")
    var bulk = false
    @Option(help: "What for; whoever decides goes by it.")
    var reason: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(AskForLimit(sender: sender, limit: limit, value: value, bulk: bulk), reason: reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.id): \(view.sender) asks for \(view.text); an approver decides")
    }
}
