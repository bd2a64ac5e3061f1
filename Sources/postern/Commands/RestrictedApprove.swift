import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RestrictedApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Agree to a release, as a second person.")

    @Argument(help: "An address, connector:NAME or organisation.", transform: Arguments.entity)
    var entity: RestrictedEntity
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ApproveRelease(entity: entity), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.approvedBy) has agreed; somebody else can release \(view.entity) now")
    }
}
