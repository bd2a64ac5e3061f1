package import MailModel

/// The Sender Rewriting Scheme (Meng Weng Wong, 2003; as libsrs2 and postsrsd write it): a reverse-path of our own for mail that is passed on, so that SPF passes for us, and from
/// which a report finds its way back.
///
/// `SRS0=code=day=domain=local@ours` for the first that passes it on. Of one that another has rewritten: `SRS1=code=their-domain==what-they-wrote@ours`, which leads back to them and no
/// further. Nobody else can make either, so that we are no open relay for reports.
package struct SenderRewriting: Hashable, Sendable {
    /// Ours; mail to it has to come to us.
    package var domain: DomainName
    /// 32 secret octets, the same on all nodes.
    private let key: [UInt8]

    /// Days for which a report finds its way; as others have it.
    package static let daysKept: Int32 = 21
    private static let codeCharacters = 8
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    /// The stamp counts days in two digits of base 32.
    private static let dayCycle: Int32 = 1024

    package init(domain: DomainName, key: [UInt8]) { (self.domain, self.key) = (domain, key) }

    /// Nil where it needs none (the null path, an address of ours) or has no room for it: the local part may have 64 octets.
    package func rewritten(_ path: ReversePath, day: Int32) throws(CryptoError) -> EmailAddress? {
        guard let address = path.address, let host = address.domain, !host.isWithin(domain) else { return nil }
        let local = address.localPart
        if let rest = SenderRewriting.rest(of: local, "SRS1"), let parts = SenderRewriting.split(rest, parts: 3), !parts[1].isEmpty {
            // The first that rewrote it stays, and whoever came after is left out.
            return try make("SRS1", "\(parts[1])=\(parts[2])")
        }
        if let rest = SenderRewriting.rest(of: local, "SRS0", keepsSeparator: true) { return try make("SRS1", "\(host.text)=\(rest)") }
        return try make("SRS0", "\(SenderRewriting.stamp(day))=\(host.text)=\(local)")
    }

    /// Where a report to such an address goes: the original reverse-path, or whoever passed the message on before us.
    package func reversed(_ address: EmailAddress, day: Int32) throws(CryptoError) -> Result<EmailAddress, Fault> {
        guard address.domain == domain else { return .failure(.notOurs) }
        if let rest = SenderRewriting.rest(of: address.localPart, "SRS0") {
            guard let parts = SenderRewriting.split(rest, parts: 4) else { return .failure(.unreadable) }
            guard try isOurs(parts[0], "SRS0", "\(parts[1])=\(parts[2])=\(parts[3])") else { return .failure(.forged) }
            guard let made = SenderRewriting.day(parts[1]) else { return .failure(.unreadable) }
            let age = (day % SenderRewriting.dayCycle - made + SenderRewriting.dayCycle) % SenderRewriting.dayCycle
            guard age <= SenderRewriting.daysKept else { return .failure(.expired) }
            return SenderRewriting.address(parts[3], parts[2])
        }
        if let rest = SenderRewriting.rest(of: address.localPart, "SRS1") {
            guard let parts = SenderRewriting.split(rest, parts: 3) else { return .failure(.unreadable) }
            guard try isOurs(parts[0], "SRS1", "\(parts[1])=\(parts[2])") else { return .failure(.forged) }
            return SenderRewriting.address("SRS0\(parts[2])", parts[1])
        }
        return .failure(.notOurs)
    }

    /// Why an address leads nowhere.
    package enum Fault: String, Error, Hashable, Sendable {
        /// No address of this scheme and domain.
        case notOurs
        case unreadable
        /// Somebody else made it.
        case forged
        /// It was made more than `daysKept` days ago.
        case expired
    }

    // MARK: - Parts

    private func make(_ scheme: String, _ rest: String) throws(CryptoError) -> EmailAddress? {
        EmailAddress(localPart: "\(scheme)=\(try code(scheme, rest))=\(rest)", host: .domain(domain))
    }

    /// Case is left out: relays change it.
    private func code(_ scheme: String, _ rest: String) throws(CryptoError) -> String {
        let digest = try HMACSHA256.code(Array("srs \(scheme)=\(rest)".lowercased().utf8), key: key)
        return String(decoding: digest.prefix(SenderRewriting.codeCharacters).map { SenderRewriting.alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    private func isOurs(_ code: Substring, _ scheme: String, _ rest: String) throws(CryptoError) -> Bool {
        ConstantTime.isEqual(try self.code(scheme, rest), String(code).uppercased())
    }

    private static func stamp(_ day: Int32) -> String {
        let number = Int(day % dayCycle)
        return String(decoding: [alphabet[number >> 5], alphabet[number & 31]], as: UTF8.self)
    }

    private static func day(_ stamp: Substring) -> Int32? {
        let digits = stamp.uppercased().utf8.compactMap { alphabet.firstIndex(of: $0) }
        return digits.count == 2 && stamp.utf8.count == 2 ? Int32(digits[0] << 5 | digits[1]) : nil
    }

    /// What stands behind `SRS0=` (`+` and `-` are taken too, as others write them); nil for another local part.
    private static func rest(of local: String, _ scheme: String, keepsSeparator: Bool = false) -> Substring? {
        guard local.utf8.count > scheme.utf8.count + 1, local.prefix(scheme.count).uppercased() == scheme else { return nil }
        let rest = local.dropFirst(scheme.count)
        guard let separator = rest.first, "=+-".contains(separator) else { return nil }
        return keepsSeparator ? rest : rest.dropFirst()
    }

    /// At the first equals signs; the last part may hold more of them.
    private static func split(_ text: Substring, parts: Int) -> [Substring]? {
        let found = text.split(separator: "=", maxSplits: parts - 1, omittingEmptySubsequences: false)
        return found.count == parts ? found : nil
    }

    private static func address(_ local: some StringProtocol, _ host: Substring) -> Result<EmailAddress, Fault> {
        guard let domain = DomainName(host), let address = EmailAddress(localPart: String(local), host: .domain(domain)) else {
            return .failure(.unreadable)
        }
        return .success(address)
    }
}
