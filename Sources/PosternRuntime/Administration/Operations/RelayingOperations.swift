package import MailModel
package import OutboundPolicy

/// Says whether a connector passes on what others wrote, so that it is checked and sealed (ARC).
package struct SetConnectorRelaying: AdministrativeOperation {
    package static let name = "connectors.relay"
    package static let scope = AccessScope.connectorsWrite
    package var connector: String
    /// Whose key seals; nil: its mail is its own.
    package var domain: DomainName?
    /// Whether those who connect are the others themselves; nil for no.
    package var border: Bool?
    /// As which domain the reverse-path of authenticated mail is rewritten (SRS); nil for none.
    package var srs: DomainName?

    package init(connector: String, domain: DomainName?, border: Bool? = nil, srs: DomainName? = nil) {
        self.srs = srs
        self.connector = connector
        self.domain = domain
        self.border = border
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ConnectorView {
        let directory = try await administration.directory()
        guard var found = directory.connectors[connector] else { throw AdministrationError.noSuch("connector", connector) }
        if let domain, !directory.dkimKeys.keys.contains(where: { domain.isWithin($0) }) {
            throw AdministrationError(.invalid, "no key signs for \(domain)", "postern dkim add \(domain)")
        }
        guard domain != nil || srs == nil else {
            throw AdministrationError(.invalid, "nothing is rewritten where nothing is checked", "Give a domain with keys.")
        }
        guard domain != nil || border != true else {
            throw AdministrationError(.invalid, "nothing is checked where nothing is sealed", "Give a domain with keys.")
        }
        found.relaying = domain.map { Relaying(domain: $0, isBorder: border ?? false, rewritesAs: srs) }
        let target = "\(connector): \(domain?.text ?? "off")\(border == true ? " border" : "")\(srs.map { " srs \($0)" } ?? "")"
        try await administration.put(.connector, name: connector, found, entry: act.entry("connector.relay", target: target))
        return ConnectorView(found)
    }
}
