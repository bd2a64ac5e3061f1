/// Whose receivers a twin plays.
package enum ReceiverProvider: String, Sendable, Hashable, CaseIterable {
    case gmail
    case outlook
    case yahoo
    case apple
    /// A receiver of an organisation: greylisting, and no reputation.
    case postfix

    package var hostName: String {
        switch self {
        case .gmail: "mx.google.com"
        case .outlook: "DB5EUR02FT042.mail.protection.outlook.com"
        case .yahoo: "mta7.am0.yahoodns.net"
        case .apple: "p00-icloudmta-smtpin-us-central-1k-60-percent-7.mail.icloud.com"
        case .postfix: "mail.example.net"
        }
    }
}

extension ReceiverProvider {
    /// Domains that it receives for where nothing else is said, and the name of its MX host: what senders know providers by.
    package var domains: [String] {
        switch self {
        case .gmail: ["gmail.com", "googlemail.com"]
        case .outlook: ["outlook.com", "hotmail.com"]
        case .yahoo: ["yahoo.com"]
        case .apple: ["icloud.com"]
        case .postfix: ["example.net"]
        }
    }

    package var mailHost: String {
        switch self {
        case .gmail: "gmail-smtp-in.l.google.com"
        case .outlook: "outlook-com.olc.protection.outlook.com"
        case .yahoo: "mta7.am0.yahoodns.net"
        case .apple: "mx01.mail.icloud.com"
        case .postfix: "mail.example.net"
        }
    }
}

/// What a receiver does by number. The thresholds of reputation are secret everywhere: those are guesses that can be set.
package struct ReceiverDemands: Sendable, Hashable {
    /// Of one address at a time.
    package var connections: Int
    /// On one connection; it is closed after them. 0: no bound.
    package var messagesPerConnection: Int
    /// What an address or domain without history may send in a day (warm-up); 0: no bound. Secret.
    package var startVolume: Int
    /// Percent of the best day so far that the next may have: a jump beyond it is deferred. Secret.
    package var growthPercent: Int
    /// How long nothing more is taken after that; Google's help says at least 10 minutes.
    package var holdSeconds: Int
    /// Messages that are taken after each such time.
    package var trickle: Int
    /// Messages of a domain in 24 hours from which it is a bulk sender for good.
    package var bulkFrom: Int
    /// Complaints of ten thousand messages from which mail goes to junk, and from which it is deferred (0.1 and 0.3 percent).
    package var junkComplaints: Int
    package var deferComplaints: Int
    /// Percent of unknown recipients of an hour from which everything is deferred. Secret.
    package var unknownPercent: Int
    /// Recipients of an hour below which shares say nothing.
    package var shareMin: Int
    /// 0: none.
    package var greylistSeconds: Int

    package init(_ provider: ReceiverProvider) {
        (connections, messagesPerConnection, startVolume, growthPercent) = (20, 0, 500, 200)
        (holdSeconds, trickle, bulkFrom) = (600, 25, 5000)
        (junkComplaints, deferComplaints, unknownPercent, shareMin, greylistSeconds) = (10, 30, 10, 100, 0)
        switch provider {
        case .gmail: break
        case .outlook: connections = 500
        case .yahoo: messagesPerConnection = 20
        case .apple: (connections, messagesPerConnection) = (10, 5)
        case .postfix: (startVolume, greylistSeconds, unknownPercent) = (0, 300, 0)
        }
    }

    package typealias Field = WritableKeyPath<ReceiverDemands, Int> & Sendable

    package static let names: [String: any Field] = [
        "connections": \.connections, "messagesPerConnection": \.messagesPerConnection, "startVolume": \.startVolume,
        "growthPercent": \.growthPercent, "holdSeconds": \.holdSeconds, "trickle": \.trickle, "bulkFrom": \.bulkFrom,
        "junkComplaints": \.junkComplaints, "deferComplaints": \.deferComplaints, "unknownPercent": \.unknownPercent,
        "shareMin": \.shareMin, "greylistSeconds": \.greylistSeconds,
    ]

    /// False for a name that there is not, or a number out of range.
    package mutating func set(_ name: String, _ value: Int) -> Bool {
        guard let field = ReceiverDemands.names[name], ExchangeSettings.range.contains(value) else { return false }
        self[keyPath: field] = value
        return true
    }

    package var byName: [String: Int] { ReceiverDemands.names.mapValues { self[keyPath: $0] } }
}

/// What a receiver finds about the authentication of a message: given, or evaluated by who calls.
package struct ReceiverAuthentication: Sendable, Hashable {
    /// What a domain asks for where neither SPF nor DKIM is aligned with From.
    package enum Policy: String, Sendable, Hashable {
        case none, quarantine, reject
    }

    /// True where it passed.
    package var spf = true
    package var dkim = true
    /// A record is published, and one that passed is aligned with From.
    package var dmarc = true
    package var policy = Policy.none

    package init() {}

    /// As in Authentication-Results (RFC 8601).
    package var words: String {
        [("spf", spf), ("dkim", dkim), ("dmarc", dmarc)].map { "\($0.0)=\($0.1 ? "pass" : "fail")" }.joined(separator: "; ")
    }
}
