import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct ShapingSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Put a shaping policy, in place of one of the same name.",
        discussion: "Every policy that covers an attempt must allow it. Rates are spaced: 30/min never leave within one second.")

    @Argument var name: String
    @Option(help: "Only by this route.")
    var route: String?
    @Option(help: "Only to hosts of this provider.", transform: Arguments.provider)
    var provider: MailProvider?
    @Option(help: "Only to sites all of whose hosts are within this domain; several times for more.", transform: Arguments.domain)
    var hosts: [DomainName] = []
    @Option(help: "Only to recipients of this domain.", transform: Arguments.domain)
    var domain: DomainName?
    @Option(help: "Only from this egress source.")
    var source: String?
    @Flag(help: "Each site has the limits to itself.")
    var eachSite = false
    @Flag(help: "Each egress source has the limits to itself.")
    var eachSource = false
    @Flag(help: "Each identity of a route has the limits to itself.")
    var eachAccount = false
    @Option(help: "Connections at a time.")
    var connections: Int?
    @Option(help: "New connections: 60/min.", transform: { try Arguments.rate($0, of: .connections) })
    var newConnections: [ShapingRate] = []
    @Option(help: "Messages on one connection.")
    var messagesPerConnection: Int?
    @Option(help: "Messages: 5/s, 30/min, 600/h, 10000/d; several times for more.", transform: { try Arguments.rate($0, of: .messages) })
    var messages: [ShapingRate] = []
    @Option(help: "Recipients: 10000/d.", transform: { try Arguments.rate($0, of: .recipients) })
    var recipients: [ShapingRate] = []
    @Option(help: "Recipients in one message.")
    var recipientsPerMessage: Int?
    @Option(help: "When mail may leave: 08:00-18:00; several times for more.", transform: Arguments.hours)
    var hours: [SendingHours] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let scope = ShapingScope(
            provider: provider, hosts: hosts.isEmpty ? nil : hosts, domain: domain, route: route, source: source, eachSite: eachSite,
            eachSource: eachSource, eachAccount: eachAccount ? true : nil)
        let limits = ShapingLimits(
            connections: connections, messagesPerConnection: messagesPerConnection, recipientsPerMessage: recipientsPerMessage,
            rates: newConnections + messages + recipients, hours: hours)
        let policy = ShapingPolicy(name: name, scope: scope, limits: limits, createdAt: .now)
        let view = try await data.perform(SetShaping(policy: policy), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("shaping policy \(view.name) for \(ShapingListCommand.scope(view)): \(ShapingListCommand.limits(view))")
    }
}
