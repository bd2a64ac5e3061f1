import MailModel
package import OutboundPolicy

/// A connector as the command line shows it.
package struct ConnectorView: Codable, Hashable, Sendable {
    package var name: String
    package var networks: [String]
    package var certificates: [String]
    package var plaintext: Bool
    package var grants: [String]
    package var senderIdentity: String
    package var trafficClass: String
    /// Empty: the usual choice.
    package var route: String
    /// How senders' addresses are written; nil for as they come.
    package var rewriting: RewritingView?
    /// What is done with what others wrote; nil for a connector of mail of its own.
    package var relaying: Relaying?
    package var disabled: Bool

    init(_ connector: Connector) {
        name = connector.name
        networks = connector.networks.map(\.description)
        certificates = connector.certificateFingerprints
        plaintext = connector.allowsPlaintext
        grants = connector.grants.map(\.description)
        senderIdentity = connector.senderIdentity.description
        trafficClass = connector.trafficClass.name
        route = connector.onlyRoute ?? ""
        rewriting = connector.rewriting.map(RewritingView.init)
        relaying = connector.relaying
        disabled = connector.isDisabled
    }
}

/// Names of connectors and routes: they stand in findings, audit targets and file names.
enum ObjectName {
    static func check(_ name: String, of what: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.utf8.first != 0x2E else {
            throw AdministrationError(
                .invalid, "\"\(name)\" is no name for a \(what)", "Take 1 to 64 letters, digits, dots, hyphens and underscores.")
        }
    }
}

package struct AddConnector: AdministrativeOperation {
    package static let name = "connectors.add"
    package static let scope = AccessScope.connectorsWrite
    package var connector: Connector

    package init(connector: Connector) { self.connector = connector }

    private static let networksMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> ConnectorView {
        try ObjectName.check(connector.name, of: "connector")
        let directory = try await administration.directory()
        guard directory.connectors[connector.name] == nil else { throw AdministrationError.exists("connector", connector.name) }
        guard !connector.networks.isEmpty || !connector.certificateFingerprints.isEmpty else {
            throw AdministrationError(
                .invalid, "connector \(connector.name) could be anyone", "Give --ip or --certificate-sha256.")
        }
        guard connector.networks.count <= AddConnector.networksMax else {
            throw AdministrationError(.invalid, "\(connector.networks.count) IP ranges; at most \(AddConnector.networksMax)", "Widen some.")
        }
        var connector = connector
        connector.certificateFingerprints = try connector.certificateFingerprints.map(AddConnector.fingerprint)
        if let route = connector.onlyRoute, directory.routes[route] == nil {
            throw AdministrationError.noSuch("route", route)
        }
        try await administration.put(
            .connector, name: connector.name, connector, mustBeNew: true, entry: act.entry("connector.add", target: connector.name))
        return ConnectorView(connector)
    }

    /// Lower-case hexadecimal without colons.
    private static func fingerprint(_ text: String) throws -> String {
        let plain = text.filter { $0 != ":" }.lowercased()
        guard plain.utf8.count == 64, plain.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            throw AdministrationError(
                .invalid, "\"\(text)\" is no SHA-256 fingerprint",
                "`openssl x509 -in client.pem -noout -fingerprint -sha256` prints it.")
        }
        return plain
    }
}

/// Adds and withdraws rights to use addresses.
package struct ChangeConnectorGrants: AdministrativeOperation {
    package static let name = "connectors.grant"
    package static let scope = AccessScope.connectorsWrite
    package var connector: String
    package var add: [AddressGrant]
    package var remove: [AddressGrant]

    package init(connector: String, add: [AddressGrant], remove: [AddressGrant]) {
        self.connector = connector
        self.add = add
        self.remove = remove
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ConnectorView {
        guard var changed = try await administration.directory().connectors[connector] else {
            throw AdministrationError.noSuch("connector", connector)
        }
        changed.grants.removeAll { remove.contains($0) }
        for grant in add where !changed.grants.contains(grant) { changed.grants.append(grant) }
        guard changed.grants.count <= AccountRules.grantsMax else {
            throw AdministrationError(
                .invalid, "\(changed.grants.count) grants; at most \(AccountRules.grantsMax)", "Grant a domain instead.")
        }
        let changes = add.map { "+\($0)" } + remove.map { "-\($0)" }
        try await administration.put(
            .connector, name: connector, changed,
            entry: act.entry("connector.grant", target: "\(connector) \(changes.joined(separator: " "))"))
        return ConnectorView(changed)
    }
}

package struct ListConnectors: AdministrativeOperation {
    package static let name = "connectors.list"
    package static let scope = AccessScope.connectorsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [ConnectorView] {
        try await administration.directory().connectors.values.sorted { $0.name < $1.name }.map(ConnectorView.init)
    }
}

package struct RemoveConnector: AdministrativeOperation {
    package static let name = "connectors.remove"
    package static let scope = AccessScope.connectorsWrite
    package var connector: String

    package init(connector: String) { self.connector = connector }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        guard try await administration.directory().connectors[connector] != nil else {
            throw AdministrationError.noSuch("connector", connector)
        }
        try await administration.remove(.connector, name: connector, entry: act.entry("connector.remove", target: connector))
        return Affected(count: 1)
    }
}
