import MailModel
import ProviderTwin
import Yams

/// Mailboxes of a tenant from a file: CSV with a line of names, or a YAML list of the same fields.
///
/// `address`, `password` (left out: `twin`), `licensed`, `full`, `enabled`, `sendAs` (several addresses between spaces).
package enum TwinMailboxFile {
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    struct Entry: Decodable {
        var address: EmailAddress
        var password: String?
        var licensed: Bool?
        var full: Bool?
        var enabled: Bool?
        var sendAs: [EmailAddress]?

        var mailbox: ExchangeMailbox {
            var mailbox = ExchangeMailbox(address, password: password ?? "twin")
            TwinMailboxChange(enabled: enabled, licensed: licensed, full: full, sendAs: sendAs).apply(to: &mailbox)
            return mailbox
        }
    }

    /// Reads CSV where the first line names the field `address`, else YAML.
    static func read(_ text: String) throws -> [ExchangeMailbox] {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let names = lines.first.map(cells), names.contains("address") else { return try yaml(text) }
        return try lines.dropFirst().enumerated().map { index, line in
            let fields = Dictionary(zip(names, cells(line)).filter { !$1.isEmpty }, uniquingKeysWith: { $1 })
            func wrong(_ what: String) -> Mistake { Mistake(description: "line \(index + 2): \(what)") }
            func flag(_ name: String) throws -> Bool? {
                guard let text = fields[name] else { return nil }
                guard let value = ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][text.lowercased()] else {
                    throw wrong("\(name) is yes or no")
                }
                return value
            }
            guard let address = EmailAddress(fields["address"] ?? "") else { throw wrong("address is none") }
            let rights = try fields["sendAs"]?.split(separator: " ").map { text in
                guard let address = EmailAddress(text) else { throw wrong("\(text) is no address") }
                return address
            }
            return Entry(
                address: address, password: fields["password"], licensed: try flag("licensed"), full: try flag("full"),
                enabled: try flag("enabled"), sendAs: rights
            ).mailbox
        }
    }

    private static func yaml(_ text: String) throws -> [ExchangeMailbox] {
        do {
            return try YAMLDecoder().decode([Entry].self, from: text).map(\.mailbox)
        } catch {
            throw Mistake(description: "it is neither CSV with a field `address` nor a list of mailboxes: \(error)")
        }
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { cell in
            var text = Substring(cell)
            while text.first?.isWhitespace == true { text.removeFirst() }
            while text.last?.isWhitespace == true { text.removeLast() }
            return String(text)
        }
    }
}

extension ExchangeTenant {
    /// Puts these mailboxes in place of its own. Their domains are accepted, the first one's first.
    mutating func replaceMailboxes(_ mailboxes: [ExchangeMailbox]) throws {
        guard (1...ExchangeTenant.mailboxesMax).contains(mailboxes.count), Set(mailboxes.map(\.address)).count == mailboxes.count else {
            throw TwinMailboxFile.Mistake(description: "there are 1 to \(ExchangeTenant.mailboxesMax) mailboxes, each once")
        }
        var domains: [DomainName] = []
        for domain in mailboxes.compactMap(\.address.domain) where !domains.contains(domain) { domains.append(domain) }
        acceptedDomains = domains + acceptedDomains.filter { $0.text.hasSuffix(".onmicrosoft.com") }
        self.mailboxes = mailboxes
    }
}
