import DNSClient
import Foundation
import MailModel

/// What keeps a call from being made or answered, in one clause.
struct HTTPFault: Error, Hashable {
    var text: String
    /// False where trying again may help.
    var isLasting = false
    /// True where TLS, and with it the certificate, is what went wrong.
    var isCertificate = false
}

/// Whom an HTTP call goes to: a URL, read strictly. What it may reach is decided here, whoever gave the URL.
struct HTTPTarget: Hashable, Sendable {
    enum Host: Hashable, Sendable {
        case name(DomainName)
        case address(IPAddress)
    }

    var host: Host
    var port: Int
    var isEncrypted: Bool
    /// With the query; begins with a slash.
    var path: String
    var allowsPrivateAddresses: Bool

    static let urlBytesMax = 2000

    /// `https` in general. Plaintext only where private addresses are allowed, and then to those alone.
    static func read(_ text: String, allowsPrivateAddresses: Bool) -> Result<HTTPTarget, HTTPFault> {
        func fault(_ text: String) -> Result<HTTPTarget, HTTPFault> { .failure(HTTPFault(text: text, isLasting: true)) }
        guard text.utf8.count <= urlBytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), let hostText = parts.host, !hostText.isEmpty
        else { return fault("\"\(text.prefix(100))\" is no URL") }
        guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
            return fault("a user name or fragment has no use here")
        }
        guard scheme == "https" || scheme == "http" else { return fault("\(scheme) is not https") }
        let isEncrypted = scheme == "https"
        guard isEncrypted || allowsPrivateAddresses else { return fault("http is taken to private addresses only, where they are allowed") }
        let bare = hostText.hasPrefix("[") ? String(hostText.dropFirst().dropLast()) : hostText
        let host: Host
        if let address = IPAddress(bare) {
            if let problem = problem(of: address, allowsPrivate: allowsPrivateAddresses, isEncrypted: isEncrypted) { return fault(problem) }
            host = .address(address)
        } else if let name = DomainName(bare), !looksLikeNumber(bare) {
            host = .name(name)
        } else {
            return fault("\"\(bare)\" is no host")
        }
        let port = parts.port ?? (isEncrypted ? 443 : 80)
        guard (1...65_535).contains(port) else { return fault("\(port) is no port") }
        let path = (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath) + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
        return .success(
            HTTPTarget(
                host: host, port: port, isEncrypted: isEncrypted, path: path, allowsPrivateAddresses: allowsPrivateAddresses))
    }

    /// Some readers take `0x7f.1` and `2130706433` for addresses; no name ends in a number.
    private static func looksLikeNumber(_ host: String) -> Bool {
        let last = (host.split(separator: ".").last ?? "").lowercased()
        return last.allSatisfy(\.isNumber) || (last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit))
    }

    /// Why an address may not be called; nil where it may.
    static func problem(of address: IPAddress, allowsPrivate: Bool, isEncrypted: Bool) -> String? {
        let isPrivate = address.leadsInside
        if isPrivate, !allowsPrivate {
            return "\(address) is a loopback, private or other special address, and those are not allowed here"
        }
        if !isPrivate, !isEncrypted { return "\(address) is a public address, where http is not taken" }
        return nil
    }

    /// The one address to connect to. One that stands in the URL was looked at when that was read; for a name `addresses` asks DNS.
    func address(_ addresses: (DomainName) async -> DNSAnswer<IPAddress>) async -> Result<IPAddress, HTTPFault> {
        switch host {
        case .address(let address): .success(address)
        case .name(let name): address(from: await addresses(name))
        }
    }

    /// The one address to connect to, chosen from an answer after each was looked at: nobody asks again between the look and the connection.
    func address(from answer: DNSAnswer<IPAddress>) -> Result<IPAddress, HTTPFault> {
        switch answer {
        case .records(let addresses, _, _):
            var refused: String?
            for address in addresses {
                guard let problem = HTTPTarget.problem(of: address, allowsPrivate: allowsPrivateAddresses, isEncrypted: isEncrypted)
                else {
                    return .success(address)
                }
                refused = refused ?? problem
            }
            return .failure(HTTPFault(text: refused ?? "no address in DNS"))
        case .noRecords: return .failure(HTTPFault(text: "no address in DNS"))
        case .failure(let reason, _): return .failure(HTTPFault(text: "DNS gave no answer: \(reason)"))
        }
    }

    /// Of the request, and of the certificate.
    var hostText: String {
        switch host {
        case .name(let name): name.asciiForm ?? name.text
        case .address(let address): address.isV6 ? "[\(address)]" : "\(address)"
        }
    }

    var hostField: String { port == (isEncrypted ? 443 : 80) ? hostText : "\(hostText):\(port)" }
}

extension IPAddress {
    /// Loopback, private, link-local and other special ranges, also where an address of IPv6 carries one of IPv4 through a translator.
    fileprivate var leadsInside: Bool {
        if isSpecialPurpose { return true }
        guard case .v6(let high, let low) = self else { return false }
        // RFC 6052: 64:ff9b::/96. RFC 3056: 2002::/16.
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return IPAddress.v4(UInt32(truncatingIfNeeded: low)).isSpecialPurpose }
        if high >> 48 == 0x2002 { return IPAddress.v4(UInt32(truncatingIfNeeded: high >> 16)).isSpecialPurpose }
        return false
    }
}
