/// What makes a request known again (`Idempotency-Key` of HTTP). It is kept in the commit of the message that the request made.
package struct IdempotencyMark: Hashable, Sendable {
    /// Keys of one principal are no one else's.
    package var principal: String
    /// As the client chose it.
    package var key: String
    /// SHA-256 of all that the request asked for, in lower-case hexadecimal: the same key with another request is a mistake.
    package var requestHash: String

    package init(principal: String, key: String, requestHash: String) {
        self.principal = principal
        self.key = key
        self.requestHash = requestHash
    }

    /// How long a key is remembered at least.
    package static let lifetime = Duration.seconds(86_400)
}
