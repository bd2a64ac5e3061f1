import ArgumentParser
import PosternRuntime

struct AlertsResolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "End an alert; where its condition comes again, that is another alert.")

    @Argument var id: String
    @Option(help: "What was done; kept with the alert and in the audit.")
    var reason: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        let alert = try await data.perform(ResolveAlert(id: id), reason: reason)
        Output.line("alert \(alert.id) resolved")
    }
}
