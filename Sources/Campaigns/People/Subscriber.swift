package import MailModel

/// A person on a list.
package struct Subscriber: Hashable, Sendable, Codable {
    package enum State: Int, Hashable, Sendable, Codable, CaseIterable {
        case subscribed = 0
        case unsubscribed = 1
    }

    package var address: EmailAddress
    package var state: State
    /// By the name of the column that they came from, in lower case.
    package var attributes: [String: String]
    package var addedAt: Timestamp

    /// An attribute of a planned recipient, not of a person: links and opens of the copy may be counted. No column has such a name.
    package static let countedName = " counted"

    package init(address: EmailAddress, state: State = .subscribed, attributes: [String: String] = [:], addedAt: Timestamp) {
        self.address = address
        self.state = state
        self.attributes = attributes
        self.addedAt = addedAt
    }
}

/// What a segment looks at.
package struct SubscriberFacts: Hashable, Sendable {
    package var subscriber: Subscriber
    package var consent: ConsentState
    /// When the person last did something; nil for never.
    package var activeAt: Timestamp?

    package init(_ subscriber: Subscriber, consent: ConsentState, activeAt: Timestamp? = nil) {
        self.subscriber = subscriber
        self.consent = consent
        self.activeAt = activeAt
    }
}
