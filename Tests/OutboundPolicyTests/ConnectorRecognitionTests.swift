import MailModel
import OutboundPolicy
import Testing

@Suite struct ConnectorRecognitionTests {
    private func connector(_ name: String, networks: [String] = [], certificates: [String] = [], isDisabled: Bool = false) -> Connector {
        var connector = Connector(name: name)
        connector.networks = networks.map { IPNetwork($0)! }
        connector.certificateFingerprints = certificates
        connector.isDisabled = isDisabled
        return connector
    }

    private func found(_ address: String?, certificate: String? = nil, among connectors: [Connector]) -> String? {
        let directory = Directory(connectors: Dictionary(uniqueKeysWithValues: connectors.map { ($0.name, $0) }))
        return directory.connector(address: address.flatMap { IPAddress($0) }, certificateFingerprint: certificate)?.name
    }

    @Test func theNarrowestRangeWins() {
        let connectors = [
            connector("office", networks: ["10.0.0.0/8"]), connector("scanner", networks: ["192.0.2.1", "10.1.2.3"]),
            connector("lab", networks: ["10.1.0.0/16"]), connector("six", networks: ["2001:db8::/32"]),
        ]
        #expect(found("10.1.2.3", among: connectors) == "scanner")
        #expect(found("10.1.2.4", among: connectors) == "lab")
        #expect(found("10.2.0.1", among: connectors) == "office")
        #expect(found("::ffff:10.2.0.1", among: connectors) == "office")
        #expect(found("2001:db8::1", among: connectors) == "six")
        #expect(found("11.0.0.1", among: connectors) == nil)
        #expect(found(nil, among: connectors) == nil)
    }

    @Test func equalRangesGoByName() {
        let connectors = ["b", "a", "c"].map { connector($0, networks: ["10.0.0.0/8"]) }
        #expect(found("10.0.0.1", among: connectors) == "a")
    }

    @Test func aCertificateComesBeforeAnAddress() {
        let connectors = [connector("address", networks: ["10.0.0.1"]), connector("certificate", certificates: ["ab12"])]
        #expect(found("10.0.0.1", certificate: "ab12", among: connectors) == "certificate")
        #expect(found("192.0.2.1", certificate: "ab12", among: connectors) == "certificate")
        #expect(found(nil, certificate: "ab12", among: connectors) == "certificate")
        #expect(found("10.0.0.1", certificate: "ffff", among: connectors) == "address")
        #expect(found("192.0.2.1", certificate: "ffff", among: connectors) == nil)
    }

    @Test func aDisabledConnectorIsNotRecognised() {
        let connectors = [
            connector("wide", networks: ["10.0.0.0/8"]),
            connector("narrow", networks: ["10.0.0.1"], certificates: ["ab12"], isDisabled: true),
        ]
        #expect(found("10.0.0.1", certificate: "ab12", among: connectors) == "wide")
    }
}
