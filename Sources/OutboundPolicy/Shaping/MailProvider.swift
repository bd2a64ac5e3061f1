import MailModel

/// A large receiver that many domains have their mail hosts at: what holds for one of its hosts holds for all. The raw value is what the
/// command line and the API say.
package enum MailProvider: String, Hashable, Sendable, Codable, CaseIterable {
    case google
    /// Outlook.com, Hotmail and Live: Microsoft's mailboxes for everyone.
    case outlook
    /// Exchange Online as the receiver for organisations.
    case microsoft365 = "microsoft-365"
    case yahoo
    case apple
    case proofpoint, mimecast, barracuda
    case comcast
    case gmx
    case orange
    case qq

    /// Whose hosts these are; nil where one of them is another's, so that a domain with one host elsewhere is not taken for the provider's.
    package static func of(hosts: some Sequence<String>) -> MailProvider? {
        var found: MailProvider?
        for host in hosts {
            guard let provider = of(host: host), found == nil || found == provider else { return nil }
            found = provider
        }
        return found
    }

    package static func of(host: String) -> MailProvider? {
        guard let name = DomainName(host) else { return nil }
        return domains.first { name.isWithin($0.domain) }?.provider
    }

    /// The more special name comes first.
    private static let domains: [(domain: DomainName, provider: MailProvider)] = [
        ("olc.protection.outlook.com", .outlook), ("protection.outlook.com", .microsoft365), ("mx.microsoft", .microsoft365),
        ("google.com", .google), ("googlemail.com", .google), ("yahoodns.net", .yahoo), ("icloud.com", .apple), ("me.com", .apple),
        ("pphosted.com", .proofpoint), ("ppe-hosted.com", .proofpoint), ("mimecast.com", .mimecast), ("mimecast.co.za", .mimecast),
        ("barracudanetworks.com", .barracuda), ("comcast.net", .comcast), ("gmx.net", .gmx), ("kundenserver.de", .gmx),
        ("orange.fr", .orange), ("qq.com", .qq),
    ].compactMap { name, provider in DomainName(name).map { ($0, provider) } }
}
