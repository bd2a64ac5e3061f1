import ArgumentParser
import MailModel
import PosternRuntime

struct SourcesPublic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public", abstract: "Say as which addresses receivers see a source that stands behind a translator (NAT).")

    @Argument var name: String
    @Argument(help: "None: its own addresses are the ones that receivers see.", transform: Arguments.ipAddress)
    var addresses: [IPAddress] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetSourcePublicAddresses(source: name, addresses: addresses), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line(
            "receivers see source \(name) as " + (addresses.isEmpty ? "its own addresses" : view.publicAddresses.joined(separator: ", ")))
    }
}
