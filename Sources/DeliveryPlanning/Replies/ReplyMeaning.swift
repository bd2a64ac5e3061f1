package import MailModel
package import OutboundPolicy

/// What a reply means to the people on this side: why it came, who can do something about it, and whether it helps to try again.
package struct ReplyMeaning: Hashable, Sendable {
    /// The rule that knew it.
    package var rule: String
    package var provider: ReplyProvider
    package var replyClass: ReplyClass
    /// As the reply gives it, else as the provider's documents do; nil where neither has one.
    package var enhancedCode: EnhancedStatusCode?
    /// One plain sentence.
    package var meaning: String
    package var whoActs: ReplyActor
    package var retry: ReplyRetry
    /// What whoever acts has to do.
    package var advice: String
    /// What it says about the account or connector as which we hand mail over; nil where it concerns this message or its recipients only.
    package var upstream: UpstreamCause?
    /// True where the words are those of another host, which the one that we talked to only quotes.
    package var isQuoted: Bool
}

/// Who a reply comes from, as far as its words or the host's name show. The raw value is what the command line and the API say.
package enum ReplyProvider: String, Hashable, Sendable, Codable, CaseIterable {
    /// What Microsoft 365 says to its own customers: submission, relay connectors, and its reports on mail that it could not hand on.
    case exchangeOnline = "exchange-online"
    /// What Microsoft 365 says as the receiver of others' mail.
    case exchangeOnlineInbound = "exchange-online-inbound"
    case outlook = "outlook.com"
    case gmail, yahoo, icloud, proofpoint, cloudmark, mimecast, barracuda
    case trendMicro = "trendmicro"
    case comcast
    case gmx = "gmx-ionos"
    case orange = "orange-fr"
    case qq
    /// Words that many servers use.
    case generic
}

/// What kind of thing happened. The raw value is what the command line and the API say.
package enum ReplyClass: String, Hashable, Sendable, Codable, CaseIterable {
    /// The provider no longer lets this account send.
    case senderRestricted = "sender-restricted"
    case connectorRestricted = "connector-restricted"
    /// The provider no longer lets the whole organisation send.
    case organisationBlocked = "organisation-blocked"
    /// The account or organisation has used up what it may send in a day.
    case dailyLimit = "daily-limit"
    /// The account repeated an error for so long that the provider no longer listens.
    case errorThrottle = "error-throttle"
    case connectionLimit = "connection-limit"
    case rateLimit = "rate-limit"
    case signIn = "sign-in"
    case sendAs = "send-as"
    case senderMailboxFull = "sender-mailbox-full"
    /// The host does not carry mail for this domain, or for us.
    case relaying
    case routing
    case unreachable
    case tls
    case expired
    case noSuchDomain = "no-such-domain"
    case noSuchRecipient = "no-such-recipient"
    /// The mailbox exists, and is closed.
    case recipientClosed = "recipient-closed"
    case recipientFull = "recipient-full"
    /// The mailbox gets more mail in an hour than it may.
    case recipientRate = "recipient-rate"
    /// The recipient takes mail from certain senders only.
    case recipientPolicy = "recipient-policy"
    case policy
    case tooManyRecipients = "too-many-recipients"
    case tooLarge = "too-large"
    case messageFormat = "message-format"
    case content
    /// SPF, DKIM, DMARC.
    case authentication
    case senderDomain = "sender-domain"
    case reverseDNS = "reverse-dns"
    /// The EHLO name or the kind of address.
    case identity
    case blockList = "block-list"
    case reputation
    /// Many addresses that do not exist.
    case probing
    case greylisted
    case serverBusy = "server-busy"
    /// A reply that only says that another one stands behind it.
    case wrapper
}

/// Who can mend what a reply complains of.
package enum ReplyActor: String, Hashable, Sendable, Codable, CaseIterable {
    case sender
    /// The administrator of the sender's organisation: of its accounts at the provider, its domains and DNS.
    case senderAdministrator = "sender_admin"
    /// Whoever runs this gate and its addresses.
    case gatewayOperator = "gateway_operator"
    case recipient
    case recipientAdministrator = "recipient_admin"
    case providerSupport = "provider_support"
    case nobody = "none"
    case unknown
}

/// Whether it helps to send the same message again.
package enum ReplyRetry: String, Hashable, Sendable, Codable, CaseIterable {
    /// Never as it is.
    case no
    /// After a window of the provider's has passed: hours or a day.
    case wait
    /// With growing waits, as the queue does by itself.
    case backoff
    /// After somebody changed something.
    case afterFix = "after_fix"
}

extension ReplyProvider {
    /// Whose host it is, by the name that MX records and routes use; nil where the name does not tell.
    package static func of(host: String) -> ReplyProvider? {
        guard let name = DomainName(host.lowercased()) else { return nil }
        return domains.first { domain, _ in name.isWithin(domain) }?.provider
    }

    /// The more special name comes first.
    private static let domains: [(domain: DomainName, provider: ReplyProvider)] = [
        ("olc.protection.outlook.com", .outlook), ("protection.outlook.com", .exchangeOnlineInbound),
        ("mx.microsoft", .exchangeOnlineInbound),
        ("graph.microsoft.com", .exchangeOnline), ("gmail.googleapis.com", .gmail), ("smtp.office365.com", .exchangeOnline),
        ("office365.com", .exchangeOnline), ("outlook.com", .exchangeOnline),
        ("google.com", .gmail), ("googlemail.com", .gmail), ("gmail.com", .gmail), ("yahoodns.net", .yahoo), ("yahoo.com", .yahoo),
        ("icloud.com", .icloud), ("me.com", .icloud), ("pphosted.com", .proofpoint), ("ppe-hosted.com", .proofpoint),
        ("cloudmark.com", .cloudmark), ("mimecast.com", .mimecast), ("barracudanetworks.com", .barracuda),
        ("trendmicro.com", .trendMicro), ("trendmicro.eu", .trendMicro), ("comcast.net", .comcast), ("gmx.net", .gmx), ("ionos.de", .gmx),
        ("kundenserver.de", .gmx), ("orange.fr", .orange), ("qq.com", .qq),
    ].compactMap { name, provider in DomainName(name).map { ($0, provider) } }
}
