package import MailModel

/// Everything that a scan decides on.
package struct ScanFacts: Sendable {
    package var content: MessageContent
    /// Nil where there is none, as for a file.
    package var envelope: ScanEnvelope?
    /// What is registered of the domain of each address in From, Sender, Reply-To and the envelope, by the domain.
    package var sites: [DomainName: String] = [:]
    /// What the index of sketches knows of messages like this one, this one included; nil where nobody asked.
    package var likes: DuplicateFigures?
    /// False where the domain of From has neither an A or AAAA nor an MX record; nil where nobody asked.
    package var isSenderDomainAlive: Bool?

    package init(content: MessageContent, envelope: ScanEnvelope? = nil) {
        self.content = content
        self.envelope = envelope
    }

    /// What is registered of the address's domain; the domain itself where nobody looked, empty for an address literal.
    package func site(_ address: EmailAddress) -> String { address.domain.map { sites[$0] ?? $0.text } ?? "" }
}

package struct ScanEnvelope: Hashable, Sendable {
    /// Nil for the null reverse-path.
    package var sender: EmailAddress?
    package var recipients: Int
    /// An approved campaign: many recipients are no surprise.
    package var isCampaign: Bool

    package init(sender: EmailAddress?, recipients: Int, isCampaign: Bool = false) {
        (self.sender, self.recipients, self.isCampaign) = (sender, recipients, isCampaign)
    }
}

/// What a scan knows besides the message. Shared by all scans of a process.
package struct ScanKnowledge: Sendable {
    /// Nil where nothing, or too little, was trained.
    package var words: WordWeights?
    /// Hosts that only lead elsewhere, lower case, without those built in.
    package var shorteners: Set<String>
    /// The organisation's own domains.
    package var ownDomains: Set<String>

    package init(words: WordModel? = nil, shorteners: Set<String> = [], ownDomains: Set<String> = []) {
        self.words = words.flatMap(WordWeights.init)
        self.shorteners = shorteners
        self.ownDomains = ownDomains
    }

    package func isShortener(_ host: LinkHost) -> Bool {
        Shorteners.builtIn.contains(host.name) || shorteners.contains(host.name) || Shorteners.builtIn.contains(host.site)
    }
}
