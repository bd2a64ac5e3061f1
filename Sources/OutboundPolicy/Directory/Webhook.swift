package import MailModel

/// A program elsewhere that is told of alerts by HTTP.
package struct Webhook: Hashable, Sendable, Codable {
    /// Unique.
    package var name: String
    /// `https://example.org/hooks/postern`; `http` only to a private address.
    package var url: String
    /// What its calls are signed with, sealed under the master key.
    package var sealedSecret: String
    /// Loopback, private and link-local addresses are refused unless this is set.
    package var allowsPrivateAddresses = false
    package var isDisabled = false
    package var createdAt: Timestamp

    package init(name: String, url: String, sealedSecret: String, createdAt: Timestamp) {
        self.name = name
        self.url = url
        self.sealedSecret = sealedSecret
        self.createdAt = createdAt
    }
}
