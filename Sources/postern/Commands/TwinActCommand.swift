import ArgumentParser
import MailModel
import PosternRuntime

struct TwinActCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "act", abstract: "Do something to the twin that runs with a gate.",
        discussion: "postern twin act full app@contoso.test · postern twin act grant app@contoso.test --address ceo@contoso.test · "
            + "postern twin act jump --seconds 3600")

    @Argument(
        help: ArgumentHelp(TwinAct.Kind.allCases.map(\.rawValue).joined(separator: ", ")),
        transform: { text in
            guard let kind = TwinAct.Kind(rawValue: text) else { throw ValidationError("\(text) is no act") }
            return kind
        }) var act: TwinAct.Kind
    @Argument(help: "The mailbox that it is done to.", transform: Arguments.address) var mailbox: EmailAddress?
    @Option(help: "The address to send as, for grant and revoke.", transform: Arguments.address) var address: EmailAddress?
    @Flag(help: "The opposite of full, licensed, enabled.") var off = false
    @Option(help: "How far the clock jumps.") var seconds: Int?
    @Option(help: "External recipients of a mailbox in an hour, 0 for none.") var externalPerHour: Int?
    @Option(help: "What the outbound policy does: Alert, BlockUser or BlockUserForToday.") var action: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var act = TwinAct(act)
        (act.mailbox, act.address, act.on, act.seconds) = (mailbox, address, !off, seconds)
        (act.externalPerHour, act.action) = (externalPerHour, action)
        let state = try await data.perform(ControlTwin(act), reason: reason.reason)
        Output.line("done; the twin's time is \(state.now)")
    }
}
