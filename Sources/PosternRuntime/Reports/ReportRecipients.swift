import MailAuthentication
import MailModel

/// Which addresses take what comes back, and what each of them proves.
struct ReportRecipients: Sendable {
    enum Recipient: Hashable, Sendable {
        /// A return path of ours: nobody but who got that mail, and the hosts on its way, knows it.
        case returnPath(RecipientID)
        /// One that anybody may know.
        case complaints
        /// For reports on our domains: DMARC, TLS.
        case domainReports
        /// Requests to leave a list: the subject says which, and whom.
        case unsubscribe
    }

    /// Before the `@` of the return paths' domain.
    static let unsubscribeName = "unsubscribe"

    /// Nil: no return paths.
    var domain: DomainName?
    var key: [UInt8]
    var complaintAddresses: Set<EmailAddress>
    var domainAddresses: Set<EmailAddress>
    var tokenAge: Duration

    init(_ settings: Settings, vault: KeyVault) {
        domain = settings.bulk.returnPathDomain
        key = vault.key(for: "return-path")
        complaintAddresses = Set(settings.reports.complaintAddresses)
        domainAddresses = Set(settings.reports.domainAddresses)
        tokenAge = .seconds(settings.reports.tokenDays * 86_400)
    }

    /// Nil for an address that takes no reports: forged, over its time, or none of ours. Throws only where libcrypto fails.
    func recipient(_ address: EmailAddress, at now: Timestamp) throws -> Recipient? {
        if complaintAddresses.contains(address) { return .complaints }
        if domainAddresses.contains(address) { return .domainReports }
        if let domain, address.domain == domain, address.localPart.lowercased() == ReportRecipients.unsubscribeName { return .unsubscribe }
        guard let id = try token(address), now - tokenAge <= id.message.time else { return nil }
        return .returnPath(id)
    }

    /// Whom a return path of ours names, however old; nil for any other address.
    func token(_ address: EmailAddress) throws -> RecipientID? {
        guard let domain else { return nil }
        return try ReturnPath(address, at: domain, key: key)?.recipient
    }
}
