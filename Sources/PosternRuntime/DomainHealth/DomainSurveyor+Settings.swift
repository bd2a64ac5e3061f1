import DNSClient
import MailModel
import NIOPosix

extension DomainSurveyor {
    /// Looks once: by `resolver` where one is named, else by the one that the gate has, `shared`, else by the settings'. `settings`: nil
    /// without an installation.
    static func look<Value: Sendable>(
        by resolver: DNSServerAddress?, _ settings: DeliverySettings?, shared: (any DNSResolver)? = nil,
        _ body: (DomainSurveyor) async -> Value
    ) async throws -> Value {
        let client = try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton, extraRoots: settings?.tlsRoots)
        let validates = resolver == nil && settings?.dnssecTrustAnchor != nil
        if resolver == nil, let shared { return await body(DomainSurveyor(shared, client, settings, validates: validates)) }
        return try await ask(resolver, settings) { await body(DomainSurveyor($0, client, settings, validates: validates)) }
    }

    /// Asks DNS with a resolver of its own, which remembers nothing.
    static func ask<Value: Sendable>(
        _ resolver: DNSServerAddress?, _ settings: DeliverySettings?, _ body: (UnboundResolver) async throws -> Value
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
        return try await body(unbound)
    }

    init(_ resolver: any DNSResolver, _ client: OutboundHTTP, _ settings: DeliverySettings?, validates: Bool) {
        self.init(
            resolver: resolver,
            fetcher: MTASTSFetcher(
                client: client, addresses: { await resolver.addresses($0) }, port: settings?.mtaSTSPort ?? 443,
                allowsSpecialAddresses: settings?.allowsSpecialAddresses ?? false),
            validates: validates)
    }
}
