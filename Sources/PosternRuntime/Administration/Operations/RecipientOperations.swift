package import MailModel
package import OutboundPolicy
import Storage

/// The addresses of a domain beside accounts and groups.
package struct KnownAddressesView: Codable, Hashable, Sendable {
    package var domain: String
    /// True where mail to any other address of the domain is refused.
    package var isChecked: Bool
    /// How many there are.
    package var count: Int

    init(_ domain: DomainName, _ directory: Directory) {
        self.domain = domain.text
        isChecked = EmailAddress(localPart: "postmaster", host: .domain(domain)).flatMap(directory.acceptedDomain)?.recipientCheck != nil
        count = directory.knownAddresses[domain]?.addresses.count ?? 0
    }
}

/// Changes which addresses of an accepted domain exist.
package struct ChangeKnownAddresses: AdministrativeOperation {
    package static let name = "domains.recipients.change"
    package static let scope = AccessScope.domainsWrite
    /// An accepted domain, or a subdomain of one that includes them.
    package var domain: DomainName
    package var add: [EmailAddress]
    package var remove: [EmailAddress]
    /// True where those to be added take the place of all that are known.
    package var replaces: Bool

    package init(domain: DomainName, add: [EmailAddress], remove: [EmailAddress], replaces: Bool = false) {
        self.domain = domain
        self.add = add
        self.remove = remove
        self.replaces = replaces
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> KnownAddressesView {
        var directory = try await administration.directory()
        guard let postmaster = EmailAddress(localPart: "postmaster", host: .domain(domain)), directory.acceptedDomain(of: postmaster) != nil
        else { throw AdministrationError.noSuch("domain", domain.text) }
        if let stranger = add.first(where: { $0.domain != domain }) {
            throw AdministrationError(.invalid, "\(stranger) is not in \(domain)", "Nothing was changed.")
        }
        var known = directory.knownAddresses[domain] ?? KnownAddresses(domain: domain, addresses: [])
        if replaces { known.addresses = [] }
        known.addresses.subtract(remove)
        known.addresses.formUnion(add)
        guard known.addresses.count <= KnownAddresses.addressesMax else {
            throw AdministrationError(
                .invalid, "\(known.addresses.count) addresses in \(domain); at most \(KnownAddresses.addressesMax)",
                "Leave the check off for so large a domain.")
        }
        let target = "\(domain) +\(add.count) -\(replaces ? "all" : "\(remove.count)")"
        try await administration.put(
            .knownAddresses, name: domain.text, known, entry: act.entry("domain.recipients", target: target))
        directory.knownAddresses[domain] = known
        return KnownAddressesView(domain, directory)
    }
}

/// The addresses that are known, in order.
package struct ListKnownAddresses: AdministrativeOperation {
    package static let name = "domains.recipients.list"
    package static let scope = AccessScope.domainsRead
    package var domain: DomainName

    package init(domain: DomainName) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> [KnownAddressView] {
        let directory = try await administration.directory()
        var kinds: [EmailAddress: KnownAddressView.Kind] = [:]
        for address in directory.knownAddresses[domain]?.addresses ?? [] { kinds[address] = .listed }
        for group in directory.groups.keys where group.domain == domain { kinds[group] = .group }
        for account in directory.accounts.values where account.address.domain == domain { kinds[account.address] = .account }
        return kinds.sorted { $0.key < $1.key }.map { KnownAddressView(address: $0.key.description, kind: $0.value) }
    }
}

package struct KnownAddressView: Codable, Hashable, Sendable {
    /// Why the address is known.
    package enum Kind: String, Codable, CaseIterable, Sendable { case account, group, listed }

    package var address: String
    package var kind: Kind
}

/// Says whether mail to an unknown address of an accepted domain is refused.
package struct SetRecipientCheck: AdministrativeOperation {
    package static let name = "domains.recipients.check"
    package static let scope = AccessScope.domainsWrite
    package var domain: DomainName
    package var isChecked: Bool

    package init(domain: DomainName, isChecked: Bool) {
        self.domain = domain
        self.isChecked = isChecked
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> KnownAddressesView {
        var directory = try await administration.directory()
        guard var accepted = directory.domains[domain] else { throw AdministrationError.noSuch("domain", domain.text) }
        let isAnyKnown =
            directory.knownAddresses[domain]?.addresses.isEmpty == false || directory.groups.keys.contains { $0.domain == domain }
            || directory.accounts.values.contains { $0.address.domain == domain }
        guard !isChecked || isAnyKnown else {
            throw AdministrationError(
                .invalid, "no address of \(domain) is known, so all its mail would be refused",
                "Import them with `postern domains recipients import` first.")
        }
        accepted.recipientCheck = isChecked ? .directory : nil
        try await administration.put(
            .domain, name: domain.text, accepted, entry: act.entry("domain.check", target: "\(domain) \(isChecked ? "on" : "off")"))
        directory.domains[domain] = accepted
        return KnownAddressesView(domain, directory)
    }
}
