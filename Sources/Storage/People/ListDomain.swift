package import MailModel

/// Whether mail can be sent to the domain of addresses on a list, as DNS said when it was looked at. The raw value is what the store holds.
package enum MailDomainState: Int, Hashable, Sendable, Codable, CaseIterable {
    /// Not looked at yet, or DNS gave no answer.
    case open = 0
    case takesMail = 1
    /// A null MX (RFC 7505).
    case nullMX = 2
    /// The domain does not exist.
    case missing = 3
    /// It exists, without a mail host and without an address of its own (RFC 5321 §5.1).
    case noHost = 4
    /// DNS gave no answer, several times: it is taken for one that takes mail.
    case unanswered = 5

    /// Nobody there can be reached.
    package var isDead: Bool { self == .nullMX || self == .missing || self == .noHost }

    /// In plain words, of a domain that is dead.
    package var problem: String {
        switch self {
        case .nullMX: "its domain says by a null MX that it takes no mail"
        case .missing: "its domain does not exist"
        case .noHost: "its domain has no mail host"
        case .open, .takesMail, .unanswered: ""
        }
    }
}

/// A domain of a list.
package struct ListDomain: Hashable, Sendable {
    package var domain: String
    package var state: MailDomainState
    /// Nil before the first look.
    package var checkedAt: Timestamp?
    /// Its mail hosts (MX), the first of them; empty where it has none, or was not looked at.
    package var hosts: [String]

    package init(domain: String, state: MailDomainState, checkedAt: Timestamp?, hosts: [String] = []) {
        self.domain = domain
        self.state = state
        self.checkedAt = checkedAt
        self.hosts = hosts
    }
}
