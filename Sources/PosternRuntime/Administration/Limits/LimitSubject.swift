import MailModel
import OutboundPolicy

/// Somebody whose limits are asked about: a sender as the trace names it.
struct LimitSubject: Sendable {
    /// `a@example.org`, `connector:scanner`, `api-key:shop`.
    var name: String
    var tenant: TenantID
    var submitter: Submitter
    var trafficClass: TrafficClass
    /// Chooses the policy; nil for a sender that is no address: then the default policy counts.
    var from: EmailAddress?

    static func find(_ text: String, in directory: Directory) throws -> LimitSubject {
        if let connector = name(text, after: "connector:") {
            guard let found = directory.connectors[connector] else { throw AdministrationError.noSuch("connector", connector) }
            return LimitSubject(text, Submitter(found))
        }
        if let key = name(text, after: "api-key:") {
            guard let found = directory.apiKeys[key] else { throw AdministrationError.noSuch("api-key", key) }
            return LimitSubject(text, Submitter(found))
        }
        guard let address = EmailAddress(text) else {
            throw AdministrationError(
                .invalid, "\"\(text)\" is no sender", "Give an address, connector:NAME, api-key:NAME or organisation.")
        }
        // No account has the address: a connector may still send as it.
        var stranger = Account(address: address, passwordHash: nil)
        stranger.trafficClass = .application
        stranger.grants = [.any]
        var subject = LimitSubject(address.key, Submitter(directory.accounts[address.key] ?? stranger))
        subject.from = address
        return subject
    }

    private init(_ name: String, _ submitter: Submitter) {
        self.name = name
        self.submitter = submitter
        (tenant, trafficClass) = (submitter.tenant, submitter.trafficClass)
    }

    private static func name(_ text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count ? String(text.dropFirst(prefix.count)) : nil
    }

    /// A message of it with these recipients.
    func message(external: Int, internalCount: Int, octets: Int, directory: Directory, at now: Timestamp) -> CountedMessage {
        let released = directory.restrictions[RestrictedEntity(senderNamed: name)]
        return CountedMessage(
            sender: name, tenant: tenant, principal: submitter.principal, trafficClass: trafficClass, from: from,
            external: Array(repeating: LimitSubject.anybody, count: external), internalCount: internalCount, octets: octets,
            isVolumeExempt: released?.exemptsVolume(at: now) ?? false)
    }

    /// Stands for each recipient: only their number counts here.
    private static let anybody: EmailAddress = {
        guard let address = EmailAddress("somebody@example.invalid") else { preconditionFailure("a constant that is valid") }
        return address
    }()
}
