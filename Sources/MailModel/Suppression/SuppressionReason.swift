/// Why an address is not written to. The raw value is what the command line, the API and the store say.
///
/// Those of bounces have the names of their `BounceClass`; our own faults are not among them, and cost no address its mail.
package enum SuppressionReason: String, Hashable, Sendable, Codable, CaseIterable {
    case addressDead = "address-dead"
    case mailboxFull = "mailbox-full"
    case suspended
    case temporary
    case expired
    case notAccepting = "not-accepting"
    case undetermined
    case complaint
    case unsubscribe
    /// A person put it there.
    case manual
    /// It came with a list from elsewhere that gave no other reason.
    case imported = "import"

    /// Nil for what is no reason: own faults, answers, reports of success.
    package init?(_ bounceClass: BounceClass) {
        switch bounceClass {
        case .addressDead: self = .addressDead
        case .mailboxFull: self = .mailboxFull
        case .suspended: self = .suspended
        case .temporary: self = .temporary
        case .expired: self = .expired
        case .notAccepting: self = .notAccepting
        case .undetermined: self = .undetermined
        case .complaint: self = .complaint
        case .policy, .content, .virus, .authentication, .reputation, .rate, .relaying, .size, .protocolError, .autoReply, .delivered:
            return nil
        }
    }

    /// What a choice of the administrator is made for.
    package enum Group: String, Hashable, Sendable, Codable, CaseIterable {
        /// The address does not exist.
        case dead
        /// Mail has not arrived again and again; it may another time.
        case soft
        case complaint
        case unsubscribe
        /// Put there by a person, or from a list.
        case manual
    }

    package var group: Group {
        switch self {
        case .addressDead: .dead
        case .mailboxFull, .suspended, .temporary, .expired, .notAccepting, .undetermined: .soft
        case .complaint: .complaint
        case .unsubscribe: .unsubscribe
        case .manual, .imported: .manual
        }
    }

    /// For people, in one clause.
    package var words: String {
        switch self {
        case .addressDead: BounceClass.addressDead.words
        case .mailboxFull: "the mailbox was full again and again"
        case .suspended: "the mailbox was closed again and again"
        case .temporary, .expired, .notAccepting: "mail could not be delivered again and again"
        case .undetermined: "mail came back again and again"
        case .complaint: BounceClass.complaint.words
        case .unsubscribe: "the recipient unsubscribed"
        case .manual: "a person put it on the list"
        case .imported: "it came with an imported list"
        }
    }
}
