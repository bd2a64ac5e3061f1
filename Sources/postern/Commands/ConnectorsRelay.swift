import ArgumentParser
import MailModel
import PosternRuntime

struct ConnectorsRelay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Say that a connector passes on what others wrote: it is checked (SPF, DKIM, ARC) and sealed (ARC).",
        discussion: """
            postern connectors relay lists --seal lists.example.org
            postern connectors relay edge --seal example.org --border
            postern connectors relay forwards --seal example.org --srs example.org
            postern connectors relay lists --off
            """)

    @Argument(help: "The connector.") var name: String
    @Option(name: .customLong("seal"), help: "The domain whose DKIM key seals what leaves.", transform: Arguments.domain)
    var domain: DomainName?
    @Flag(help: "Those who connect are the others' own servers, so that SPF is checked.")
    var border = false
    @Option(
        help: "The domain as which the reverse-path of what passed SPF or DKIM is rewritten (SRS). Reports to it have to come to Postern.",
        transform: Arguments.domain)
    var srs: DomainName?
    @Flag(help: "Its mail is its own again.")
    var off = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if off == (domain != nil) || off && (border || srs != nil) { throw ValidationError("give --seal DOMAIN or --off") }
    }

    func run() async throws {
        let operation = SetConnectorRelaying(connector: name, domain: domain, border: border, srs: srs)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        let checks = border ? "SPF, DKIM and ARC" : "DKIM and ARC"
        Output.line(
            domain.map { "what others wrote is checked (\(checks)) and sealed as \($0)" } ?? "connector \(name): its mail is its own")
    }
}
