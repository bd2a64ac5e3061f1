import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RestrictedAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Restrict somebody: the next message is refused, queued mail is held.")

    @Argument(help: "An address, connector:NAME or organisation.", transform: Arguments.entity)
    var entity: RestrictedEntity
    @Option(help: "Why; it stands in the evidence and the audit.")
    var reason: String
    @Flag(help: "Mail to internal recipients goes on.")
    var externalOnly = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(AddRestriction(entity: entity, isExternalOnly: externalOnly), reason: reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.entity) may not send any more; reference \(view.reference)")
    }
}
