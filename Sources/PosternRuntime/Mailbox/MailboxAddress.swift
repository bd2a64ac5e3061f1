import MailModel

/// Where a mailbox is: `imaps://mail.example.org/INBOX`, `pop3s://mail.example.org`. The forms without s begin in plaintext and go no further
/// without STARTTLS.
package struct MailboxAddress: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case imap, imaps, pop3, pop3s
    }

    package var kind: Kind
    /// A name or an address; that of version 6 in brackets.
    package var host: String
    /// Nil: the usual one.
    package var port: Int?
    /// As it stands in the address; INBOX unless named, and empty for POP.
    package var folder: String

    package var isIMAP: Bool { kind == .imap || kind == .imaps }

    package init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0].lowercased()), text.utf8.count <= 500 else { return nil }
        let rest = parts[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let end = MailboxAddress.end(rest[0]) else { return nil }
        (self.kind, host, port) = (kind, end.host, end.port)
        folder = rest.count == 2 ? rest[1] : ""
        // What has a meaning in addresses of libcurl has none in a folder's name here.
        let isPlain = folder.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !";?#\"\\<>{}".utf8.contains($0) }
        guard isPlain, isIMAP || folder.isEmpty else { return nil }
        if isIMAP, folder.isEmpty { folder = "INBOX" }
    }

    private static func end(_ text: String) -> (host: String, port: Int?)? {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]"), let address = IPAddress(text[text.index(after: text.startIndex)..<close]),
                address.isV6
            else { return nil }
            return port(text[text.index(after: close)...]).map { ("[\(address)]", $0) }
        }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let name = text[..<colon]
        guard IPAddress(name) != nil || DomainName(name) != nil else { return nil }
        return port(text[colon...]).map { (String(name), $0) }
    }

    /// Of `:993`, or of nothing.
    private static func port(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.hasPrefix(":"), let port = Int(text.dropFirst()), (1...65_535).contains(port) else { return nil }
        return .some(port)
    }

    /// Without anything secret.
    package var description: String {
        "\(kind.rawValue)://\(host)\(port.map { ":\($0)" } ?? "")\(folder.isEmpty ? "" : "/\(folder)")"
    }
}
