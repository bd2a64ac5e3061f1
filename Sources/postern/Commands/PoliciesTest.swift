import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct PoliciesTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Say what would become of a message, by what counts now; nothing is sent or counted.")

    @Option(help: "As the trace names it: an address, connector:NAME or api-key:NAME.")
    var sender: String
    @Option(help: "The address in the From field, which chooses the policy; the sender's own otherwise.", transform: Arguments.address)
    var from: EmailAddress?
    @Option(name: [.customLong("external"), .customLong("recipients")], help: "Recipients outside of the organisation.")
    var external: Int?
    @Option(help: "Recipients in accepted domains.")
    var `internal`: Int?
    @Option(help: "How many of the external ones the sender never wrote to before.")
    var firstTime = 0
    @Option(help: "Octets of the message.")
    var size = 0
    @Option(
        name: .customLong("class"), help: "personal, application or campaign; that of the account or connector otherwise.",
        transform: Arguments.trafficClass)
    var trafficClass: TrafficClass?
    @Flag(help: "It is one that an automatic rule forwards.")
    var forwarded = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(
            TestPolicy(
                sender: sender, from: from, external: external ?? (`internal` == nil ? 1 : 0), internalCount: `internal` ?? 0,
                firstTime: firstTime, size: size, trafficClass: trafficClass, isForwarded: forwarded))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.decision.rawValue): \(view.text)")
        if !view.reply.isEmpty { Output.line("reply: \(view.reply)") }
        Output.line("policy: \(view.policy.isEmpty ? "none" : view.policy)")
        LimitsShow.table(view.limits)
        for warning in view.warnings { Output.line("warning: \(warning)") }
    }
}
