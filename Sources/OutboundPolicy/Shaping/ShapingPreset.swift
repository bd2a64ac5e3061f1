package import MailModel

/// What a provider allows a smarthost account, as its documents say it.
package enum ShapingPreset: String, Hashable, Sendable, Codable, CaseIterable {
    /// A Microsoft 365 mailbox that submits by SMTP AUTH.
    case microsoft365Mailbox = "microsoft-365-mailbox"
    /// High Volume Email for Microsoft 365.
    case microsoft365HVE = "microsoft-365-hve"
    case amazonSES = "amazon-ses"
    case googleWorkspaceRelay = "google-workspace-relay"
    /// A relay of one's own organisation that names no limits: a polite beginning.
    case departmentRelay = "department-relay"

    /// True where the limits are those of one account, whichever others the route signs in as.
    package var isOfAccount: Bool {
        switch self {
        case .microsoft365Mailbox, .microsoft365HVE, .googleWorkspaceRelay: true
        case .amazonSES, .departmentRelay: false
        }
    }

    /// The preset for the accounts of a provider's submission host, by the names that the providers' own pages give; nil for other hosts.
    package static func usual(forHost host: DomainName) -> ShapingPreset? {
        switch host.text {
        case "smtp.office365.com", "smtp.office365.us", "smtp.partner.outlook.cn": .microsoft365Mailbox
        case "smtp.hve.mx.microsoft", "smtp-hve.office365.com": .microsoft365HVE
        case "smtp-relay.gmail.com": .googleWorkspaceRelay
        case let text where text.hasPrefix("email-smtp.") && text.hasSuffix(".amazonaws.com"): .amazonSES
        default: nil
        }
    }

    package var limits: ShapingLimits {
        switch self {
        case .microsoft365Mailbox:
            ShapingLimits(
                connections: 3, recipientsPerMessage: 500,
                rates: [
                    ShapingRate(30, .messages, per: .minute), ShapingRate(500, .recipients, per: .hour),
                    ShapingRate(10_000, .recipients, per: .day),
                ])
        case .microsoft365HVE:
            ShapingLimits(rates: [ShapingRate(100_000, .recipients, per: .day)])
        case .amazonSES:
            ShapingLimits(
                recipientsPerMessage: 50,
                rates: [ShapingRate(14, .recipients, per: .second), ShapingRate(50_000, .recipients, per: .day)])
        case .googleWorkspaceRelay:
            ShapingLimits(recipientsPerMessage: 100, rates: [ShapingRate(10_000, .recipients, per: .day)])
        case .departmentRelay:
            ShapingLimits(connections: 5, recipientsPerMessage: 100, rates: [ShapingRate(300, .messages, per: .minute)])
        }
    }

    /// What the figures are, and where they may differ.
    package var explanation: String {
        switch self {
        case .microsoft365Mailbox:
            "A mailbox of Exchange Online: 3 connections, 30 messages a minute, 10,000 recipients in 24 hours, 500 recipients a message; and 500 recipients an hour, as Microsoft advises tenants to set their outbound policy: another number where yours says so."
        case .microsoft365HVE:
            "High Volume Email, to internal recipients only: 100,000 recipients in 24 hours, as its preview had it."
        case .amazonSES:
            "Amazon SES counts recipients: 14 a second and 50,000 in 24 hours were a first grant out of its sandbox; put in what your account page says."
        case .googleWorkspaceRelay:
            "The SMTP relay of Google Workspace: 10,000 recipients in 24 hours for a user, 100 recipients in a transaction."
        case .departmentRelay:
            "A relay without limits of its own that anybody wrote down: 5 connections and 300 messages a minute."
        }
    }
}
