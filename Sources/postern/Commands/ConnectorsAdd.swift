import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct ConnectorsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a connector, known by its IP addresses or its client certificate.")

    @Argument var name: String
    @Option(help: "Address or range it comes from; may be repeated.", transform: Arguments.network)
    var ip: [IPNetwork] = []
    @Option(help: "SHA-256 fingerprint of a client certificate; may be repeated.")
    var certificateSha256: [String] = []
    @Flag(help: "It may submit without TLS.")
    var plaintext = false
    @Flag(help: "It may use any address.")
    var anySender = false
    @Option(help: "Address, @domain or *.domain that it may use; may be repeated.", transform: Arguments.grant)
    var grant: [AddressGrant] = []
    @Option(help: "Whom limits act on: connector, envelope, from or header:NAME.", transform: Arguments.senderIdentity)
    var senderIdentity: SenderIdentity = .connector
    @Option(help: "The only route its mail may take.")
    var route: String?
    @Option(name: .customLong("class"), help: "personal, application or campaign.", transform: Arguments.trafficClass)
    var trafficClass: TrafficClass = .application
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var connector = Connector(name: name)
        connector.networks = ip
        connector.certificateFingerprints = certificateSha256
        connector.allowsPlaintext = plaintext
        connector.grants = (anySender ? [.any] : []) + grant
        connector.senderIdentity = senderIdentity
        connector.onlyRoute = route
        connector.trafficClass = trafficClass
        let view = try await data.perform(AddConnector(connector: connector), reason: reason.reason)
        Output.line("connector \(view.name) added")
        if view.grants.isEmpty { Output.line("It may use no address yet: postern connectors grant \(view.name) ADDRESS") }
    }
}
