package import MailModel

/// That a person's copy was opened, or which of its links was followed, in an address of the web that nobody can make up.
package struct ResponseToken: Hashable, Sendable {
    package var campaign: Int64
    /// Of the revision that was sent.
    package var revision: Int
    /// Place among the campaign's links, from 0 on; nil: it was opened.
    package var link: Int?
    package var address: EmailAddress

    package init(campaign: Int64, revision: Int, link: Int?, address: EmailAddress) {
        self.campaign = campaign
        self.revision = revision
        self.link = link
        self.address = address
    }

    private static let version: UInt8 = 3
    /// Octets before the address.
    private static let headBytes = 1 + 8 + 8 + 2
    /// In place of a link: it was opened.
    private static let opened = 0xFFFF

    /// `mac`: an HMAC-SHA256 of octets under the key of responses.
    package func text(mac: ([UInt8]) -> [UInt8]) -> String {
        let place = UInt16(clamping: link ?? ResponseToken.opened)
        let payload =
            [ResponseToken.version] + SealedOctets.octets(campaign) + SealedOctets.octets(Int64(revision))
            + [UInt8(place >> 8), UInt8(place & 0xFF)] + Array(address.key.utf8)
        return SealedOctets.text(payload, mac: mac)
    }

    package init?(_ text: some StringProtocol, mac: ([UInt8]) -> [UInt8]) {
        guard let payload = SealedOctets.payload(text, length: ResponseToken.headBytes, mac: mac), payload[0] == ResponseToken.version,
            let address = EmailAddress(String(decoding: payload[ResponseToken.headBytes...], as: UTF8.self)),
            let revision = Int(exactly: SealedOctets.number(payload[9..<17]))
        else { return nil }
        let place = Int(payload[17]) << 8 | Int(payload[18])
        self.init(
            campaign: SealedOctets.number(payload[1..<9]), revision: revision, link: place == ResponseToken.opened ? nil : place,
            address: address)
    }
}
