package import MailModel

/// A way in which someone is told. The text form is what the store holds.
package enum NoticeChannel: Hashable, Sendable, CustomStringConvertible {
    case mail(EmailAddress)
    /// By name.
    case webhook(String)
    /// The sender that the incident is about.
    case sender(EmailAddress)

    package var description: String {
        switch self {
        case .mail(let address): "mail:\(address)"
        case .webhook(let name): "webhook:\(name)"
        case .sender(let address): "sender:\(address)"
        }
    }

    /// Nil for anything that `description` does not write.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "mail":
            guard let address = EmailAddress(rest) else { return nil }
            self = .mail(address)
        case "sender":
            guard let address = EmailAddress(rest) else { return nil }
            self = .sender(address)
        case "webhook": self = .webhook(String(rest))
        default: return nil
        }
    }
}

/// The policies of one directory version, with whom each tells: all that the store needs to make notices of reports.
package struct AlertRules: Sendable {
    /// Addresses, and webhooks, of one policy.
    package static let channelsMax = 50

    private let policies: [AlertKind: AlertPolicy]
    private let channels: [AlertKind: [NoticeChannel]]

    /// `usual`: who is mailed where a policy names nobody; empty: the accounts with the role `administrator` whose address is in an accepted
    /// domain. One that is not (such as the one that `init` makes, at the host's name) may be no mailbox at all.
    package init(_ directory: Directory, usual: [EmailAddress]) {
        let administrators = directory.accounts.values.filter {
            !$0.isDisabled && $0.roles.contains(Role.administrator.rawValue) && directory.acceptedDomain(of: $0.address) != nil
        }
        let standard = usual.isEmpty ? administrators.map(\.address).sorted { $0.key < $1.key } : usual
        let webhooks = directory.webhooks.values.filter { !$0.isDisabled }.map(\.name).sorted()
        let known = AlertKind.allCases.map { directory.alertPolicy($0) }
        policies = Dictionary(uniqueKeysWithValues: known.map { ($0.kind, $0) })
        channels = policies.mapValues { policy in
            (policy.addresses ?? standard).prefix(AlertRules.channelsMax).map(NoticeChannel.mail)
                + webhooks.filter { policy.webhooks?.contains($0) ?? true }.prefix(AlertRules.channelsMax).map(NoticeChannel.webhook)
        }
    }

    package func policy(_ kind: AlertKind) -> AlertPolicy { policies[kind] ?? .builtIn(kind) }
    package func channels(_ kind: AlertKind) -> [NoticeChannel] { channels[kind] ?? [] }
}
