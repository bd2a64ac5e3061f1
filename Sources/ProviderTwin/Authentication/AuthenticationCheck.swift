import InternetMessage
package import MailModel

/// What a receiver finds about a message: SPF, DKIM and DMARC (RFC 7489), by the records of the zone.
package struct AuthenticationCheck: Sendable {
    private let zone: TwinZone
    private let cryptography: TwinCryptography

    package init(_ zone: TwinZone, _ cryptography: TwinCryptography) {
        self.zone = zone
        self.cryptography = cryptography
    }

    /// `helloName`: what the client called itself, which counts for a null reverse-path.
    package func facts(
        _ content: [UInt8], reversePath: ReversePath, helloName: String?, from address: IPAddress, at now: Timestamp
    ) -> ReceiverAuthentication {
        var found = ReceiverAuthentication()
        (found.spf, found.dkim, found.dmarc) = (false, false, false)
        guard case .success(let header) = HeaderSection.scan(content),
            let from = MessageFacts.read(content, header: header).from.first?.domain
        else { return found }
        let envelope = reversePath.address?.domain ?? helloName.flatMap { DomainName($0) }
        var isSPFPassed = false
        if let envelope {
            var check = SPFCheck(zone, address: address)
            if case .pass = check.result(for: envelope) { isSPFPassed = true }
        }
        let signers = DKIMCheck(zone: zone, cryptography: cryptography).domains(content, header, at: now)
        (found.spf, found.dkim) = (isSPFPassed, !signers.isEmpty)
        guard let policy = policy(of: from) else { return found }
        found.dmarc =
            isSPFPassed && envelope.map { isAligned($0, from, isStrict: policy["aspf"] == "s") } == true
            || signers.contains { isAligned($0, from, isStrict: policy["adkim"] == "s") }
        found.policy = ReceiverAuthentication.Policy(rawValue: policy["p"] ?? "none") ?? .none
        return found
    }

    /// The tags of the domain's record, or of the one of its organisation.
    private func policy(of domain: DomainName) -> [String: String]? {
        for name in [domain, AuthenticationCheck.organisation(of: domain)] {
            guard let place = DomainName("_dmarc.\(name)") else { continue }
            let records = zone.texts(place).map { DKIMCheck.tags($0.utf8) }.filter { $0["v"] == "DMARC1" }
            if records.count == 1 { return records[0] }
        }
        return nil
    }

    private func isAligned(_ domain: DomainName, _ from: DomainName, isStrict: Bool) -> Bool {
        domain == from || !isStrict && AuthenticationCheck.organisation(of: domain) == AuthenticationCheck.organisation(of: from)
    }

    /// The last two labels: a twin's world has no public suffix list.
    static func organisation(of domain: DomainName) -> DomainName {
        var name = domain
        while let parent = name.parent, parent.parent != nil { name = parent }
        return name
    }
}
