package import MailModel

/// How far back a limit looks. Windows slide: there is no moment at which all is free again.
package enum UsageWindow: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case minute, hour, day

    package var seconds: Int64 {
        switch self {
        case .minute: 60
        case .hour: 3600
        case .day: 86_400
        }
    }

    /// A use counts until the whole of the bucket of this length that it is in has left the window.
    package var bucketSeconds: Int64 { seconds / 60 }

    /// As it stands in a sentence: `in any 24 hours`.
    package var text: String {
        switch self {
        case .minute: "in any minute"
        case .hour: "in any hour"
        case .day: "in any 24 hours"
        }
    }

    package static func < (left: UsageWindow, right: UsageWindow) -> Bool { left.seconds < right.seconds }
}

/// What happens to a message that would take its sender over a limit.
package enum LimitAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It goes out; the people responsible are told.
    case alert
    /// It is accepted at once and goes out as soon as the limit has room for it.
    case slow
    /// It is accepted and held until a person releases it.
    case hold
    /// The client is asked to come again, with a 4xx.
    case `defer`
    /// It is refused, with a 5xx.
    case refuse
    /// It is refused, and so is all further mail of the sender until the next midnight of the organisation.
    case restrictToday = "restrict-today"
    /// It is refused, and so is all further mail of the sender until a person releases it.
    case restrict
}

/// The limits that there are. The raw value stands in findings, settings and the store.
package enum LimitName: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    case messagesPerMinute = "messages-per-minute"
    case externalPerHour = "external-per-hour"
    case internalPerHour = "internal-per-hour"
    /// Of the outbound policy.
    case recipientsPerDay = "recipients-per-day"
    /// The service's own, beside every policy.
    case recipientsPer24Hours = "recipients-per-24-hours"
    case firstTimePer24Hours = "first-time-recipients-per-24-hours"
    case mebibytesPer24Hours = "mebibytes-per-24-hours"
    /// Of a connector as a whole, whoever its senders are.
    case connectorPerHour = "connector-recipients-per-hour"
    case organisationExternal = "organisation-external-per-24-hours"

    package var window: UsageWindow {
        switch self {
        case .messagesPerMinute: .minute
        case .externalPerHour, .internalPerHour, .connectorPerHour: .hour
        case .recipientsPerDay, .recipientsPer24Hours, .firstTimePer24Hours, .mebibytesPer24Hours, .organisationExternal: .day
        }
    }

    /// What counts, of what was used.
    package func measure(_ amounts: UsageAmounts) -> Int {
        switch self {
        case .messagesPerMinute: amounts[.messages]
        case .externalPerHour, .organisationExternal: amounts[.external]
        case .internalPerHour: amounts[.internal]
        case .recipientsPerDay, .recipientsPer24Hours, .connectorPerHour: amounts[.external] + amounts[.internal]
        case .firstTimePer24Hours: amounts[.firstTime]
        case .mebibytesPer24Hours: (amounts[.kibibytes] + 1023) / 1024
        }
    }

    /// What is counted, with its window: `external recipients in any hour`.
    package var text: String {
        switch self {
        case .messagesPerMinute: "messages \(window.text)"
        case .externalPerHour, .organisationExternal: "external recipients \(window.text)"
        case .internalPerHour: "internal recipients \(window.text)"
        case .recipientsPerDay, .recipientsPer24Hours, .connectorPerHour: "recipients \(window.text)"
        case .firstTimePer24Hours: "recipients written to for the first time, \(window.text)"
        case .mebibytesPer24Hours: "MiB of mail \(window.text)"
        }
    }
}

/// One limit as it applies to one message.
package struct Limit: Hashable, Sendable, Codable {
    package var name: LimitName
    /// 0 lets nothing through.
    package var value: Int
    package var action: LimitAction
    /// Who set it: `policy:default`, `service`.
    package var source: String
    /// True lets a message pass where what was used cannot be read; false asks the client to come again.
    package var failsOpen: Bool

    package init(_ name: LimitName, _ value: Int, _ action: LimitAction, source: String, failsOpen: Bool = false) {
        self.name = name
        self.value = value
        self.action = action
        self.source = source
        self.failsOpen = failsOpen
    }
}

/// How a limit stands.
package struct LimitReading: Hashable, Sendable, Codable {
    package var limit: Limit
    /// In the window that ends now, the message not included.
    package var used: Int
    /// What the message would have added; 0 where none is meant.
    package var wanted: Int
    /// When enough leaves the window for the message to fit; nil where it fits now, or never will.
    package var freeAt: Timestamp?

    package init(limit: Limit, used: Int, wanted: Int, freeAt: Timestamp?) {
        self.limit = limit
        self.used = used
        self.wanted = wanted
        self.freeAt = freeAt
    }

    /// Percent of the limit in use, the message included; 100 and more where it does not fit.
    package var percent: Int { limit.value == 0 ? 100 : (used + wanted) * 100 / limit.value }
}
