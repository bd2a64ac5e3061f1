package import MailModel

/// What somebody may do about a group by an address of the web, or by a mail with it, that nobody can make up.
package struct GroupToken: Hashable, Sendable {
    package enum Act: UInt8, Hashable, Sendable {
        /// Leave; holds as long as the key does, since it stands in mail.
        case leave = 1
        /// Join, by whoever reads the address's mail.
        case join = 2
        /// Let go or reject a message that waits, by an owner.
        case decide = 3
    }

    package var act: Act
    package var group: EmailAddress
    /// Who leaves, joins or decides.
    package var address: EmailAddress
    /// To be decided on; zero where it is about none.
    package var message: MessageID
    /// Nil: it has no end.
    package var expiresAt: Timestamp?

    package init(_ act: Act, group: EmailAddress, address: EmailAddress, message: MessageID = MessageID(0), expiresAt: Timestamp? = nil) {
        (self.act, self.group, self.address, self.message, self.expiresAt) = (act, group, address, message, expiresAt)
    }

    private static let codeBytes = 16
    private static let version: UInt8 = 1
    /// Two numbers before the addresses.
    private static let headBytes = 2 + 16 + 1
    /// Longer ones are not looked at.
    private static let charactersMax = 1300

    /// Lower-case hexadecimal. `key`: 32 secret octets, the same on all nodes. Throws only where libcrypto fails.
    package func text(key: [UInt8]) throws(CryptoError) -> String {
        let payload = payload
        return (payload + (try HMACSHA256.code(payload, key: key)).prefix(GroupToken.codeBytes)).hexadecimal
    }

    /// Nil where it is none of ours, or over its time.
    package init?(_ text: some StringProtocol, key: [UInt8], at now: Timestamp) throws(CryptoError) {
        guard text.utf8.count <= GroupToken.charactersMax, let octets = GroupToken.octets(text),
            octets.count > GroupToken.headBytes + GroupToken.codeBytes
        else { return nil }
        let payload = Array(octets.dropLast(GroupToken.codeBytes))
        let code = Array(try HMACSHA256.code(payload, key: key).prefix(GroupToken.codeBytes))
        guard ConstantTime.isEqual(code.hexadecimal, octets.suffix(GroupToken.codeBytes).hexadecimal),
            payload[0] == GroupToken.version, let act = Act(rawValue: payload[1])
        else { return nil }
        let groupEnd = GroupToken.headBytes + Int(payload[GroupToken.headBytes - 1])
        guard groupEnd <= payload.count,
            let group = EmailAddress(String(decoding: payload[GroupToken.headBytes..<groupEnd], as: UTF8.self)),
            let address = EmailAddress(String(decoding: payload[groupEnd...], as: UTF8.self))
        else { return nil }
        let end = GroupToken.number(payload[2..<10])
        self.init(
            act, group: group, address: address, message: MessageID(GroupToken.number(payload[10..<18])),
            expiresAt: end == 0 ? nil : Timestamp(milliseconds: end))
        if let expiresAt, expiresAt <= now { return nil }
    }

    private var payload: [UInt8] {
        let name = Array(group.description.utf8.prefix(255))
        return [GroupToken.version, act.rawValue] + GroupToken.octets(expiresAt?.milliseconds ?? 0) + GroupToken.octets(message.value)
            + [UInt8(name.count)] + name + Array(address.description.utf8)
    }

    private static func octets(_ number: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> Int64 { octets.reduce(0) { $0 << 8 | Int64($1) } }

    /// One text for each value: lower case alone.
    private static func octets(_ text: some StringProtocol) -> [UInt8]? {
        func digit(_ octet: UInt8) -> UInt8? {
            switch octet {
            case 0x30...0x39: octet - 0x30
            case 0x61...0x66: octet - 0x61 + 10
            default: nil
            }
        }
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }
}
