import ArgumentParser
import MailModel
import PosternRuntime

struct RewritingCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewriting", abstract: "See what becomes of senders' addresses.", subcommands: [RewritingTest.self])
}

struct RewritingTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Say what a sender's address becomes by a connector and a route; nothing is sent.",
        discussion: "postern rewriting test root@printer.local --connector printers --route office")

    @Argument(help: "As the device writes it.", transform: Arguments.address) var address: EmailAddress
    @Option(help: "By which it comes in.") var connector: String?
    @Option(help: "By which it leaves.") var route: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(TestRewriting(address: address, connector: connector, route: route))
        if format.json { return try Output.json([view]) }
        for step in view.steps {
            Output.line("\(step.by): \(step.address) (\(step.rule.isEmpty ? "no rule fits" : step.rule))")
        }
        if view.steps.isEmpty { Output.line("\(view.address): name a connector or a route") }
        if !view.user.isEmpty { Output.line("handed on as \(view.user)") }
    }
}
