package import MailModel

/// All that the launch checklist looks at.
package struct ChecklistFacts: Sendable {
    /// A link of the HTML or the text of a sample copy.
    package struct Link: Hashable, Sendable {
        package var scheme: String
        /// Lower case.
        package var host: String
        /// The registered domain that it belongs to.
        package var site: String
        /// What its text names as a host's registered domain; nil where the text names none.
        package var shownSite: String?
        /// The address as it stands.
        package var address: String

        package init(scheme: String, host: String, site: String, shownSite: String?, address: String) {
            self.scheme = scheme
            self.host = host
            self.site = site
            self.shownSite = shownSite
            self.address = address
        }
    }

    package struct Audience: Hashable, Sendable {
        /// On the list and in the segment.
        package var people = 0
        /// Of these, those who will get it.
        package var planned = 0
        package var suppressed = 0
        /// Nobody knows on what ground they may be written to.
        package var withoutConsent = 0
        package var expiredConsent = 0
        package var withdrawnConsent = 0
        /// Asked and not answered yet.
        package var pendingConsent = 0
        /// By attribute that leaves a gap in a copy: how many people lack it.
        package var gaps: [String: Int] = [:]
        /// Names that nobody on the list has.
        package var unknownNames: [String] = []
        /// By domain of the address, of those planned.
        package var domains: [String: Int] = [:]
        package var risk = RiskGrade.Level.low

        package init() {}
    }

    package struct ScanLine: Hashable, Sendable {
        package var rule: String
        package var weight: Double
        package var explanation: String

        package init(rule: String, weight: Double, explanation: String) {
            self.rule = rule
            self.weight = weight
            self.explanation = explanation
        }
    }

    /// Marketing, or what people must know.
    package var isMarketing = true
    package var fromName = ""
    package var from: EmailAddress
    /// Nil where answers go to From.
    package var replyTo: EmailAddress?
    /// The template.
    package var subject = ""
    package var postalAddress = ""
    /// What a sample copy says, as a reader sees it.
    package var visibleText = ""
    package var plainText = ""
    package var hiddenText = ""
    package var hasHTML = false
    package var images = 0
    package var imagesWithoutText = 0
    package var pixels = 0
    package var scripts = 0
    package var forms = 0
    package var links: [Link] = []
    package var shorteners: Set<String> = []
    /// The address that leads out, in the sample.
    package var unsubscribe = ""
    /// Whether the body itself has it, HTML and text.
    package var isUnsubscribeVisible = false
    /// Nil where no public address is set.
    package var publicURL: String?
    /// List-Unsubscribe names a mail address, too.
    package var hasMailto = false
    /// Of a whole sample copy.
    package var octets = 0
    package var octetsMax = 0
    /// Of the HTML alone.
    package var htmlOctets = 0
    package var audience = Audience()
    /// Domains that we have DKIM keys for in use.
    package var signedDomains: Set<DomainName> = []
    package var signs = true
    /// Of accepted domains.
    package var ownDomains: Set<DomainName> = []
    package var returnPathDomain: DomainName?
    package var hasFeedbackID = false
    package var hasRoute = true
    package var scanScore = 0.0
    package var scanVerdict = ""
    package var scan: [ScanLine] = []
    /// Whether anything differs from copy to copy that a reader sees.
    package var isPersonal = false
    package var listID = ""

    package init(from: EmailAddress) { self.from = from }
}
