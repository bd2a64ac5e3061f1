package import MailModel

/// A reverse-path of our own that says which recipient a report on it is about (variable envelope return path), and that nobody else can
/// make: `b-` message `-` recipient `-` code `@` domain. All of it means the same in upper and lower case, since relays change that.
///
/// The code is the first 80 bits of an HMAC-SHA256 over tenant, message and recipient. To guess one takes 2^79 reports on average, and
/// what a guess brings is a bounce for one recipient of one message.
package struct ReturnPath: Hashable, Sendable {
    package var recipient: RecipientID

    package init(_ recipient: RecipientID) { self.recipient = recipient }

    private static let prefix = "b"
    private static let codeBytes = 10
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// At most 44 octets before the `@`. `key`: 32 secret octets, the same on all nodes. Throws only where libcrypto fails.
    package func address(at domain: DomainName, key: [UInt8]) throws(CryptoError) -> EmailAddress {
        let local = "\(ReturnPath.prefix)-\(recipient.message)-\(recipient.index)-\(try code(key))"
        guard let address = EmailAddress(localPart: local, host: .domain(domain)) else {
            preconditionFailure("a return path that is no address: \(local)")
        }
        return address
    }

    /// What an address says that `address(at:key:)` made; nil for any other, whoever wrote it.
    package init?(_ address: EmailAddress, at domain: DomainName, key: [UInt8], tenant: TenantID = .standard) throws(CryptoError) {
        guard address.domain == domain, address.localPart.utf8.count <= 48 else { return nil }
        let parts = address.localPart.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == ReturnPath.prefix, let message = MessageID(parts[1]), let index = Int32(parts[2]), index >= 0,
            // One spelling for each number.
            parts[2] == "\(index)"
        else { return nil }
        self.init(RecipientID(tenant: tenant, message: message, index: index))
        guard ConstantTime.isEqual(try code(key), String(parts[3])) else { return nil }
    }

    private func code(_ key: [UInt8]) throws(CryptoError) -> String {
        let message = "return-path 1 \(recipient.tenant.value) \(recipient.message) \(recipient.index)"
        let code = try HMACSHA256.code(Array(message.utf8), key: key).prefix(ReturnPath.codeBytes)
        return ReturnPath.text(code)
    }

    /// Crockford's base 32, lower case: 5 bits a digit.
    private static func text(_ octets: some Sequence<UInt8>) -> String {
        var (digits, buffer, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
        for octet in octets {
            buffer = buffer << 8 | UInt32(octet)
            bits += 8
            while bits >= 5 {
                bits -= 5
                digits.append(alphabet[Int(buffer >> UInt32(bits)) & 31])
            }
            buffer &= (1 << UInt32(bits)) - 1
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
