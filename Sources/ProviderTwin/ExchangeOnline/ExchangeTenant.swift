package import MailModel

/// A mailbox of the tenant, as its administrator sees it.
package struct ExchangeMailbox: Sendable, Hashable {
    package var address: EmailAddress
    package var password: String
    /// Other addresses that are its own.
    package var aliases: Set<EmailAddress> = []
    package var isEnabled = true
    package var isLicensed = true
    package var isFull = false
    /// SMTP AUTH of this mailbox; nil follows the tenant.
    package var allowsSMTPAuthentication: Bool?
    /// Addresses that it may send as beside its own.
    package var sendAs: Set<EmailAddress> = []
    /// Nil: the tenant's.
    package var recipientsPerMessage: Int?

    package init(_ address: EmailAddress, password: String) {
        self.address = address
        self.password = password
    }

    package func maySend(as address: EmailAddress) -> Bool {
        address == self.address || aliases.contains(address) || sendAs.contains(address)
    }
}

/// What happens when a limit of an outbound policy is passed.
package enum ExchangePolicyAction: String, Sendable, Hashable, CaseIterable {
    case alert = "Alert"
    case blockUserForToday = "BlockUserForToday"
    case blockUser = "BlockUser"
}

/// An outbound spam policy. 0: the service's own limit.
package struct ExchangePolicy: Sendable, Hashable {
    package var name: String
    /// From addresses that it is for; with `domains` empty too it is for all.
    package var from: Set<EmailAddress> = []
    /// From domains, subdomains with them.
    package var domains: Set<DomainName> = []
    package var externalPerHour = 0
    package var internalPerHour = 0
    package var recipientsPerDay = 0
    package var action = ExchangePolicyAction.blockUserForToday
    /// False refuses mail that an inbox rule forwards to external addresses with 5.7.520.
    package var allowsForwarding = false

    package init(name: String) { self.name = name }

    func matches(_ address: EmailAddress) -> Bool {
        if from.isEmpty, domains.isEmpty { return true }
        guard !from.contains(address) else { return true }
        guard let domain = address.domain else { return false }
        return domains.contains { domain.isWithin($0) }
    }
}

/// An application that may ask for tokens.
package struct ExchangeApplication: Sendable, Hashable {
    package var clientID: String
    package var secret: String
    /// Mailboxes that it may send from; nil for all.
    package var mailboxes: Set<EmailAddress>?

    package init(clientID: String, secret: String, mailboxes: Set<EmailAddress>? = nil) {
        self.clientID = clientID
        self.secret = secret
        self.mailboxes = mailboxes
    }
}

/// An inbound connector of type on-premises: who connects from its networks relays without a sign-in.
package struct ExchangeConnector: Sendable, Hashable {
    /// What it is called among restricted entities, and who gets its reports.
    package var address: EmailAddress
    package var networks: [IPNetwork]

    package init(_ address: EmailAddress, networks: [IPNetwork]) {
        self.address = address
        self.networks = networks
    }
}

/// A tenant at its start.
package struct ExchangeTenant: Sendable, Hashable {
    /// The first one names the tenant.
    package var acceptedDomains: [DomainName]
    package var mailboxes: [ExchangeMailbox]
    /// In order of priority; the first that matches the From address counts.
    package var policies: [ExchangePolicy] = []
    /// For everyone else.
    package var defaultPolicy = ExchangePolicy(name: "Default")
    package var applications: [ExchangeApplication] = []
    /// Sender domains with neither address nor MX: their mail leaves through the high-risk pool.
    package var domainsWithoutDNS: Set<DomainName> = []
    /// Tenant Allow/Block List.
    package var blockedRecipients: Set<EmailAddress> = []
    /// A mail-flow rule: messages whose subject holds one of these words are refused.
    package var refusedWords: [String] = []
    package var connectors: [ExchangeConnector] = []
    package var settings = ExchangeSettings()

    package static let mailboxesMax = 10_000

    package init(acceptedDomains: [DomainName], mailboxes: [ExchangeMailbox]) {
        self.acceptedDomains = acceptedDomains
        self.mailboxes = mailboxes
    }

    /// `contoso.test` with app, anna, ben and ceo, each with the password `twin`, none with rights on another; the application `twin` with
    /// the secret `twin` may send from all of them.
    package static let contoso: ExchangeTenant = {
        let names = ["contoso.test", "contoso.onmicrosoft.com"].compactMap { DomainName($0) }
        let people = ["app", "anna", "ben", "ceo"].compactMap { EmailAddress("\($0)@contoso.test") }
        var tenant = ExchangeTenant(acceptedDomains: names, mailboxes: people.map { ExchangeMailbox($0, password: "twin") })
        tenant.applications = [ExchangeApplication(clientID: "twin", secret: "twin")]
        return tenant
    }()

    /// In an accepted domain; subdomains are not.
    package func isInternal(_ address: EmailAddress) -> Bool { address.domain.map { acceptedDomains.contains($0) } ?? false }

    func connector(of address: IPAddress) -> ExchangeConnector? {
        connectors.first { $0.networks.contains { $0.contains(address) } }
    }

    func policy(for from: EmailAddress) -> ExchangePolicy { policies.first { $0.matches(from) } ?? defaultPolicy }
}
