import ArgumentParser
import PosternRuntime

struct AlertsAcknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge", abstract: "Say that you work on it: no more notices of it, unless it gets worse.")

    @Argument var id: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let alert = try await data.perform(AcknowledgeAlert(id: id), reason: reason.reason)
        Output.line("alert \(alert.id) acknowledged")
    }
}
