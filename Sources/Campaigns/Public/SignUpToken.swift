package import MailModel

/// Somebody's wish to be on a list, in the address of the page that confirms it. Nothing is stored before that: all that the consent
/// ledger will say stands here.
package struct SignUpToken: Hashable, Sendable {
    package var list: Int64
    package var askedAt: Timestamp
    /// SHA-256 of the exact words at the form, 32 octets.
    package var wordingHash: [UInt8]
    package var formVersion: Int
    package var wantsTracking: Bool
    /// Of the form: two letters.
    package var language: String
    package var address: EmailAddress

    package init(
        list: Int64, askedAt: Timestamp, wordingHash: [UInt8], formVersion: Int, wantsTracking: Bool, language: String,
        address: EmailAddress
    ) {
        self.list = list
        self.askedAt = askedAt
        self.wordingHash = wordingHash
        self.formVersion = formVersion
        self.wantsTracking = wantsTracking
        self.language = language
        self.address = address
    }

    /// After this it has to be asked for again.
    package static let validity = Duration.seconds(7 * 86_400)
    private static let version: UInt8 = 2
    /// Octets before the address.
    private static let headBytes = 1 + 8 + 8 + 32 + 8 + 1 + 2

    package func isValid(at now: Timestamp) -> Bool { askedAt <= now && now < askedAt + SignUpToken.validity }

    /// `mac`: an HMAC-SHA256 of octets under the key of sign-ups.
    package func text(mac: ([UInt8]) -> [UInt8]) -> String {
        let language = Array(self.language.utf8.prefix(2))
        let payload =
            [SignUpToken.version] + SealedOctets.octets(list) + SealedOctets.octets(askedAt.milliseconds)
            + SignUpToken.filled(wordingHash, 32) + SealedOctets.octets(Int64(formVersion)) + [wantsTracking ? 1 : 0]
            + SignUpToken.filled(language, 2) + Array(address.description.utf8)
        return SealedOctets.text(payload, mac: mac)
    }

    /// Nil where it is none of ours; whether it still holds is `isValid`'s to say.
    package init?(_ text: some StringProtocol, mac: ([UInt8]) -> [UInt8]) {
        guard let payload = SealedOctets.payload(text, length: SignUpToken.headBytes, mac: mac), payload[0] == SignUpToken.version,
            let address = EmailAddress(String(decoding: payload[SignUpToken.headBytes...], as: UTF8.self)),
            let formVersion = Int(exactly: SealedOctets.number(payload[49..<57]))
        else { return nil }
        self.init(
            list: SealedOctets.number(payload[1..<9]), askedAt: Timestamp(milliseconds: SealedOctets.number(payload[9..<17])),
            wordingHash: Array(payload[17..<49]), formVersion: formVersion, wantsTracking: payload[57] == 1,
            language: String(decoding: payload[58..<60], as: UTF8.self), address: address)
    }

    private static func filled(_ octets: [UInt8], _ count: Int) -> [UInt8] {
        Array((octets + [UInt8](repeating: 0, count: count)).prefix(count))
    }
}
