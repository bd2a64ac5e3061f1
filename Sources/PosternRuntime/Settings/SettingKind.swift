import InternetMessage
package import MailModel

/// What a setting may be, with its range. It reads the text, and says what it would take.
package indirect enum SettingKind: Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    /// `90`, `64KiB`, `35MiB`, `1GiB`: octets.
    case bytes(ClosedRange<Int>)
    /// `500ms`, `30s`, `5m`, `4h`, `2d`; `0` for none. A bare number is not taken, as it has no unit.
    case duration(ClosedRange<Duration>)
    /// Any text of one line.
    case text
    case hostName
    case address
    /// `postmaster@example.org`.
    case mailAddress
    /// CIDR.
    case network
    /// `address@port`, as resolvers are written; port 53 where it is left out.
    case endpoint
    case choice([String])
    /// The sender's identifier of a Feedback-ID, and what stands before it.
    case feedbackSender, feedbackParts
    /// `imaps://mail.example.org/INBOX`.
    case mailbox
    /// Empty, or what the other kind takes.
    case optional(SettingKind)
    /// `[a, b]` in YAML; commas in the environment and on the command line.
    case list(SettingKind, countMax: Int)
}

/// A setting's value after its text was read.
package enum SettingValue: Hashable, Sendable {
    case absent
    case boolean(Bool)
    case integer(Int)
    case duration(Duration)
    case text(String)
    case hostName(DomainName)
    case address(IPAddress)
    case mailAddress(EmailAddress)
    case network(IPNetwork)
    case endpoint(ResolverEndpoint)
    case list([SettingValue])
}

/// A resolver to ask: `192.0.2.53@53`.
package struct ResolverEndpoint: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    /// 1…65535.
    package var port: Int

    package init(address: IPAddress, port: Int) {
        self.address = address
        self.port = port
    }

    /// The form that libunbound takes.
    package var description: String { "\(address)@\(port)" }

    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address: address, port: 53)
            return
        }
        guard let port = Int(parts[1]), (1...65_535).contains(port) else { return nil }
        self.init(address: address, port: port)
    }
}

/// Why a text is no value for its setting: one sentence that says what would be.
struct SettingFault: Error, CustomStringConvertible {
    var description: String
}

extension SettingKind {
    var isList: Bool {
        if case .list = self { true } else { false }
    }

    /// Reads one text; a list takes the items beside each other instead (`read(items:)`).
    func read(_ text: String) throws(SettingFault) -> SettingValue {
        if case .list = self {
            let items = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            return try read(items: items)
        }
        if case .optional(let kind) = self {
            return text.isEmpty ? .absent : try kind.read(text)
        }
        guard let value = scalar(text) else { throw SettingFault(description: "\"\(text)\" is not \(typeName)") }
        if let fault = rangeFault(value, text) { throw fault }
        return value
    }

    func read(items: [String]) throws(SettingFault) -> SettingValue {
        guard case .list(let kind, let countMax) = self else { throw SettingFault(description: "a list is not \(typeName)") }
        guard items.count <= countMax else { throw SettingFault(description: "\(items.count) items; at most \(countMax)") }
        var values: [SettingValue] = []
        for item in items { values.append(try kind.read(item)) }
        return .list(values)
    }

    private func scalar(_ text: String) -> SettingValue? {
        switch self {
        case .boolean: SettingKind.boolean(text).map { .boolean($0) }
        case .integer: SettingKind.number(text).map { .integer($0) }
        case .bytes: SettingKind.bytes(text).map { .integer($0) }
        case .duration: SettingKind.duration(text).map { .duration($0) }
        case .text: text.contains(where: \.isNewline) ? nil : .text(text)
        case .hostName: DomainName(text).map { .hostName($0) }
        case .address: IPAddress(text).map { .address($0) }
        case .mailAddress: EmailAddress(text).map { .mailAddress($0) }
        case .network: IPNetwork(text).map { .network($0) }
        case .endpoint: ResolverEndpoint(text).map { .endpoint($0) }
        case .choice(let words): words.contains(text.lowercased()) ? .text(text.lowercased()) : nil
        case .feedbackSender: FeedbackID(senderID: text, parts: "").map { _ in .text(text) }
        case .feedbackParts: FeedbackID(senderID: "postern", parts: text).map { _ in .text(text) }
        case .mailbox: MailboxAddress(text).map { .text($0.description) }
        case .optional, .list: nil
        }
    }

    private func rangeFault(_ value: SettingValue, _ text: String) -> SettingFault? {
        switch (self, value) {
        case (.integer(let range), .integer(let number)), (.bytes(let range), .integer(let number)):
            range.contains(number) ? nil : SettingFault(description: "\(text) is out of range: \(rangeText)")
        case (.duration(let range), .duration(let duration)):
            range.contains(duration) ? nil : SettingFault(description: "\(text) is out of range: \(rangeText)")
        default: nil
        }
    }

    /// For "is not …" and the documentation.
    var typeName: String {
        switch self {
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .bytes: "a size in octets (such as 64MiB)"
        case .duration: "a duration (such as 30s, 5m, 2h, 3d)"
        case .text: "text of one line"
        case .hostName: "a host name"
        case .address: "an IP address"
        case .mailAddress: "a mail address (such as postmaster@example.org)"
        case .network: "an IP range (such as 192.0.2.0/24)"
        case .endpoint: "a resolver (such as 192.0.2.53 or 192.0.2.53@5353)"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .feedbackSender: "5 to 15 letters and digits"
        case .feedbackParts: "up to three words with colons between them (such as sender:tenant:class)"
        case .mailbox: "a mailbox (such as imaps://mail.example.org/INBOX)"
        case .optional(let kind): "\(kind.typeName), or empty"
        case .list(let kind, let countMax): "a list of at most \(countMax): \(kind.typeName)"
        }
    }

    /// `1…65535`; empty where every value of the type is fine.
    var rangeText: String {
        switch self {
        case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
        case .bytes(let range): "\(SettingKind.text(bytes: range.lowerBound))…\(SettingKind.text(bytes: range.upperBound))"
        case .duration(let range): "\(SettingKind.text(range.lowerBound))…\(SettingKind.text(range.upperBound))"
        case .optional(let kind), .list(let kind, _): kind.rangeText
        case .boolean, .text, .hostName, .address, .mailAddress, .network, .endpoint, .choice, .feedbackSender, .feedbackParts, .mailbox: ""
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at the ends.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
