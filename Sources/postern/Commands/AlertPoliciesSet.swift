import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct AlertPoliciesSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a policy: what is given, and nothing else; to be heard by all nodes within a second.")

    @Argument(help: "The kind of alert, as `alert-policies list` shows it.", transform: Arguments.alertKind)
    var kind: AlertKind
    @Flag(inversion: .prefixedNo, help: "Whether its conditions make alerts.")
    var on: Bool?
    @Option(help: "low, medium or high.", transform: Arguments.severity)
    var severity: AlertSeverity?
    @Option(help: "No further notice of the same incident for so long, such as 1m.", transform: Arguments.duration)
    var window: Duration?
    @Option(help: "After so long without a word an incident is over; 0 for never.", transform: Arguments.duration)
    var quiet: Duration?
    @Option(help: "Notices a day, over all incidents of the kind; 0 for no limit.")
    var perDay: Int?
    @Option(help: "Mail it to this address rather than to the usual ones; may be repeated.", transform: Arguments.address)
    var to: [EmailAddress] = []
    @Flag(help: "Mail nobody.")
    var toNobody = false
    @Option(help: "Call this webhook rather than all; may be repeated.")
    var webhook: [String] = []
    @Flag(help: "Call no webhook.")
    var noWebhook = false
    @Flag(inversion: .prefixedNo, help: "Whether a sender gets a word about itself.")
    var tellSender: Bool?
    @Flag(help: "The usual recipients again, and every webhook.")
    var usual = false
    @Flag(help: "As it was built in, before the rest is applied.")
    var reset = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if toNobody, !to.isEmpty { throw ValidationError("--to and --to-nobody exclude each other") }
        if noWebhook, !webhook.isEmpty { throw ValidationError("--webhook and --no-webhook exclude each other") }
    }

    func run() async throws {
        var change = AlertPolicyChange(kind: kind)
        change.isOn = on
        change.severity = severity
        change.windowSeconds = window.map { Int($0.components.seconds) }
        change.quietSeconds = quiet.map { Int($0.components.seconds) }
        change.noticesPerDayMax = perDay
        if toNobody || !to.isEmpty { change.addresses = to }
        if noWebhook || !webhook.isEmpty { change.webhooks = webhook }
        change.tellsSender = tellSender
        let operation = SetAlertPolicy(change: change, isReset: reset, isForUsual: usual)
        let policy = try await data.perform(operation, reason: reason.reason)
        Output.line("alert policy \(policy.kind.rawValue) \(policy.builtIn ? "is as built in" : "changed")")
    }
}
