import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct LimitsSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a limit of the service, or a setting beside them; a running gate uses it at once.")

    @Argument(help: "`postern limits list` shows them.")
    var name: String
    @Argument(help: "A number, where 0 ends the limit; true or false; the name of a time zone.")
    var value: String
    @Option(
        help: ArgumentHelp("What happens past it: \(LimitAction.allCases.map(\.rawValue).joined(separator: ", "))."),
        transform: Arguments.action)
    var action: LimitAction?
    @Flag(inversion: .prefixedNo, help: "Let mail pass where what was used cannot be read.")
    var failOpen: Bool?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(
            SetServiceLimit(limit: name, value: ServiceValue(argument: value), action: action, failsOpen: failOpen), reason: reason.reason)
        let action = view.action.map { "; past that, \($0.text)" } ?? ""
        Output.line("\(view.name) is \(view.value) now\(action)")
    }
}
