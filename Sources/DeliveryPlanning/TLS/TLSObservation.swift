package import MailModel

/// What one connection to an MX host showed of TLS.
package struct TLSObservation: Hashable, Sendable {
    /// The recipients' domain whose mail called for the connection.
    package var domain: DomainName
    package var host: String
    package var address: IPAddress
    /// Ours, where it is a fixed one.
    package var sourceAddress: IPAddress?
    /// `TLSv1.3`; nil where there was no TLS.
    package var version: String?
    package var detail: TLSDetail
    /// TLSA records that were to hold; empty without DANE.
    package var records: [TLSARecord] = []

    package init(
        domain: DomainName, host: String, address: IPAddress, sourceAddress: IPAddress? = nil, version: String?, detail: TLSDetail
    ) {
        self.domain = domain
        self.host = host
        self.address = address
        self.sourceAddress = sourceAddress
        self.version = version
        self.detail = detail
    }

    /// True where the host showed who it is.
    package var isVerified: Bool { version != nil && detail.trust != .none }
}
