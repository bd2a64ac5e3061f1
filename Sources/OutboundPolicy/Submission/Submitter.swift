package import MailModel

/// Who is submitting in a session: an account that signed in, or a connector that was recognised.
package struct Submitter: Hashable, Sendable {
    package enum Principal: Hashable, Sendable, CustomStringConvertible {
        case account(EmailAddress)
        case connector(String)
        /// An API key that acts for no account.
        case key(String)
        /// A campaign that was started, by its name.
        case campaign(String)
        /// A group that sends on what it got, by its address.
        case group(EmailAddress)
        /// A list, for the confirmations that it asks of people; by its name.
        case list(String)

        /// As the trace and the audit log name it.
        package var description: String {
            switch self {
            case .account(let address): "account:\(address.key)"
            case .connector(let name): "connector:\(name)"
            case .key(let name): "api-key:\(name)"
            case .campaign(let name): "campaign:\(name)"
            case .group(let address): "group:\(address.key)"
            case .list(let name): "list:\(name)"
            }
        }
    }

    package var principal: Principal
    package var tenant: TenantID
    package var trafficClass: TrafficClass
    /// What it may use in MAIL FROM and in From/Sender.
    package var grants: [AddressGrant]
    package var senderIdentity: SenderIdentity
    package var onlyRoute: String?
    package var requiresTLS: Bool
    /// From then on it submits no more; nil for never.
    package var expiresAt: Timestamp?
    /// Of senders' addresses, before anything else looks at them.
    package var rewriting: AddressRewriting?
    /// What is done with what others wrote; nil for a submitter of mail of its own.
    package var relaying: Relaying?

    package init(_ account: Account) {
        principal = .account(account.address)
        tenant = account.tenant
        trafficClass = account.trafficClass
        grants = [.address(account.address)] + account.grants
        senderIdentity = .connector
        onlyRoute = nil
        requiresTLS = true
        expiresAt = account.expiresAt
    }

    package init(_ connector: Connector) {
        principal = .connector(connector.name)
        tenant = connector.tenant
        trafficClass = connector.trafficClass
        grants = connector.grants
        senderIdentity = connector.senderIdentity
        onlyRoute = connector.onlyRoute
        requiresTLS = !connector.allowsPlaintext
        rewriting = connector.rewriting
        relaying = connector.relaying
    }

    /// An API key that acts for no account. Whether it may come without TLS is its listener's to say.
    package init(_ key: APIKey) {
        principal = .key(key.name)
        tenant = key.tenant
        trafficClass = key.trafficClass
        grants = key.grants
        senderIdentity = .connector
        onlyRoute = nil
        requiresTLS = true
    }

    /// A campaign, as its From address alone.
    package init(_ campaign: Campaign) {
        principal = .campaign(campaign.name)
        tenant = .standard
        trafficClass = .campaign
        grants = [.address(campaign.sender)]
        senderIdentity = .connector
        onlyRoute = nil
        requiresTLS = true
    }

    /// A group that sends on what others wrote, as they wrote it; what they sent was looked at when it came. Mail of a discussion list is
    /// bulk mail, what a moderated group lets through is its author's.
    package init(_ group: RecipientGroup) {
        principal = .group(group.address)
        tenant = group.tenant
        trafficClass = group.discussion == nil ? .personal : .campaign
        grants = [.any]
        senderIdentity = .connector
        onlyRoute = nil
        requiresTLS = true
    }

    /// A list's own mail to people who ask to be on it, as the address of its pages alone.
    package init(_ list: MailingList, from: EmailAddress) {
        principal = .list(list.name)
        tenant = .standard
        trafficClass = .application
        grants = [.address(from)]
        senderIdentity = .connector
        onlyRoute = nil
        requiresTLS = true
    }

    package func mayUse(_ address: EmailAddress) -> Bool { grants.contains { $0.covers(address) } }

    /// The name for people: the account's address, or the connector's name.
    package var name: String {
        switch principal {
        case .account(let address): address.key
        case .connector(let name): name
        case .key, .campaign, .group, .list: principal.description
        }
    }
}

extension Directory {
    /// The connector that a peer is recognised as: by client certificate first, then by the narrowest IP range; nil for none.
    package func connector(address: IPAddress?, certificateFingerprint: String?) -> Connector? {
        if let certificateFingerprint,
            let found = connectors.values.filter({ !$0.isDisabled && $0.certificateFingerprints.contains(certificateFingerprint) })
                .min(by: { $0.name < $1.name })
        {
            return found
        }
        guard let address else { return nil }
        var best: (name: String, prefix: Int)?
        for connector in connectors.values where !connector.isDisabled {
            for network in connector.networks where network.contains(address) {
                if let known = best, (known.prefix, connector.name) >= (network.prefixLength, known.name) { continue }
                best = (connector.name, network.prefixLength)
            }
        }
        return best.flatMap { connectors[$0.name] }
    }
}
