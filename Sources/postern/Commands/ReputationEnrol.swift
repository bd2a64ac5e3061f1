import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ReputationEnrol: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Say how far a domain or address has come with a receiver's programme.")

    @Argument(help: "jmrp, snds, yahoo or gmail.") var loop: FeedbackLoop
    @Argument(help: "A domain or an address.") var subject: String
    @Argument(help: "not-begun, applied, active or refused.") var state: FeedbackEnrolment.State
    @Option(help: "A case number, or why it was refused.")
    var note: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetEnrolment(loop: loop, subject: subject, state: state, note: note), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.title), \(Output.printable(view.subject)): \(view.state.rawValue)")
        if !view.todo.isEmpty { Output.line("\(view.page): \(view.todo)") }
    }
}

extension FeedbackLoop: ExpressibleByArgument {}
extension FeedbackEnrolment.State: ExpressibleByArgument {}
