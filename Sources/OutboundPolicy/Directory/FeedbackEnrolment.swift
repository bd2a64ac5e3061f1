package import MailModel

/// A programme of a receiver that tells senders who complains, and where one asks to take part.
package enum FeedbackLoop: String, Hashable, Sendable, Codable, CaseIterable {
    /// Microsoft: Junk Mail Reporting Program, by address.
    case jmrp
    /// Microsoft: Smart Network Data Services, figures by address.
    case snds
    /// Yahoo: Complaint Feedback Loop, by DKIM domain.
    case yahoo
    /// Gmail: Postmaster Tools, by domain; its figures of single campaigns go by the Feedback-ID.
    case gmail

    /// What it is enrolled for.
    package var isByAddress: Bool { self == .jmrp || self == .snds }

    package var title: String {
        switch self {
        case .jmrp: "Microsoft JMRP"
        case .snds: "Microsoft SNDS"
        case .yahoo: "Yahoo CFL"
        case .gmail: "Gmail Postmaster Tools"
        }
    }

    package var page: String {
        switch self {
        case .jmrp, .snds: "https://sendersupport.olc.protection.outlook.com/snds/"
        case .yahoo: "https://senders.yahooinc.com/complaint-feedback-loop/"
        case .gmail: "https://postmaster.google.com/"
        }
    }

    /// What to do there.
    package var todo: String {
        switch self {
        case .jmrp:
            "Sign in with a Microsoft account, ask for the address, confirm by the mail to its owner, and name the complaint address (reports.complaint-addresses)."
        case .snds:
            "Sign in with a Microsoft account and ask for access to the address; import the data with `postern reputation import snds`."
        case .yahoo:
            "Sign in, add the DKIM domain, confirm it by a code that Yahoo sends to it, and name the complaint address (reports.complaint-addresses)."
        case .gmail:
            "Add the domain and publish the TXT record that it shows. Set bulk.feedback-sender-id, so that campaigns are told apart; import figures with `postern reputation import postmaster`."
        }
    }
}

/// How far a domain or address has come with a programme.
package struct FeedbackEnrolment: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case notBegun = "not-begun"
        case applied, active, refused
    }

    package var loop: FeedbackLoop
    /// A domain, or an address.
    package var subject: String
    package var state: State
    /// Who said so, and when.
    package var by: String
    package var at: Timestamp
    /// A case number, or why it was refused; empty for nothing.
    package var note: String

    package init(loop: FeedbackLoop, subject: String, state: State, by: String, at: Timestamp, note: String) {
        self.loop = loop
        self.subject = subject
        self.state = state
        self.by = by
        self.at = at
        self.note = note
    }

    /// Its name in the store.
    package var key: String { FeedbackEnrolment.key(loop, subject) }

    package static func key(_ loop: FeedbackLoop, _ subject: String) -> String { "\(loop.rawValue)/\(subject)" }
}
