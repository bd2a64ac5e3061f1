import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct GroupsSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Look at the source of a group's members now, and make them those that it has.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Flag(help: "Say who would come and go, and change nothing.")
    var dryRun = false
    @Flag(help: "Agree to the change that waits, as it was shown.")
    var confirm = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = SyncGroup(group: address, isDryRun: dryRun, confirms: confirm)
        try GroupsSync.show(try await data.perform(operation, reason: reason.reason), format)
    }

    static func show(_ view: GroupSyncView, _ format: FormatOptions) throws {
        if format.json { return try Output.json([view]) }
        let source = view.source.map { "from \($0.server)" } ?? "from people alone"
        Output.line("\(view.group)  \(view.members) members, \(source): \(view.outcome.rawValue)")
        if !view.problem.isEmpty { Output.line("could not be asked: \(view.problem)") }
        if !view.reason.isEmpty, view.outcome == .held || view.outcome == .wouldChange {
            Output.line("needs a person's word: \(view.reason); postern groups sync \(view.group) --confirm")
        }
        for address in view.added { Output.line("  + \(address)") }
        for address in view.removed { Output.line("  - \(address)") }
        for value in view.unusable { Output.line("  no address: \(Output.printable(value))") }
        for entry in view.entries { Output.line("\(entry.at)  +\(entry.added) -\(entry.removed)  \(entry.by)") }
    }
}
