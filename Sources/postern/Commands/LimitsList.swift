import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct LimitsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the limits of the service.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let limits = try await data.perform(ListServiceLimits())
        try format.print(
            limits, ["LIMIT", "VALUE", "ACTION", "FAILS", "WHAT"], empty: "No service limits: `postern policy preset standard`."
        ) {
            [$0.name, $0.value.description, $0.action?.rawValue ?? "", $0.action == nil ? "" : $0.failsOpen ? "open" : "closed", $0.text]
        }
    }
}
