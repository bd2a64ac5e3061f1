import DNSClient
import MailModel
import NIOPosix

extension DomainSurveyor {
    /// Looks once, with a resolver of its own: `resolver` where one is named, else the settings'. `settings`: nil without an installation.
    static func look<Value: Sendable>(
        by resolver: DNSServerAddress?, _ settings: DeliverySettings?, _ body: (DomainSurveyor) async -> Value
    ) async throws -> Value {
        var dns = settings.map(RunningGate.dnsSettings) ?? DNSSettings()
        if let resolver {
            dns.source = .forwarders([resolver])
            // Who names a server wants what that server says.
            dns.trustAnchorFile = nil
        }
        let unbound: UnboundResolver
        do {
            unbound = try UnboundResolver(dns)
        } catch let error as DNSSettingsError {
            throw AdministrationError(.invalid, error.description)
        }
        defer { unbound.close() }
        let client = try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton, extraRoots: settings?.tlsRoots)
        return await body(DomainSurveyor(unbound, client, settings, validates: dns.trustAnchorFile != nil))
    }

    init(_ resolver: UnboundResolver, _ client: OutboundHTTP, _ settings: DeliverySettings?, validates: Bool) {
        self.init(
            resolver: resolver,
            fetcher: MTASTSFetcher(
                client: client, addresses: { await resolver.addresses($0) }, port: settings?.mtaSTSPort ?? 443,
                allowsSpecialAddresses: settings?.allowsSpecialAddresses ?? false),
            validates: validates)
    }
}
