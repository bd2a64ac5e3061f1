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
        /// At domains that take no mail, as DNS says.
        package var withoutMailHost = 0
        /// Domains that DNS has not been asked of yet.
        package var openDomains = 0
        /// Asked and not answered yet.
        package var pendingConsent = 0
        /// By attribute that leaves a gap in a copy: how many people lack it.
        package var gaps: [String: Int] = [:]
        /// Names that nobody on the list has.
        package var unknownNames: [String] = []
        /// By domain of the address, of those planned.
        package var domains: [String: Int] = [:]
        package var risk = RiskGrade.Level.low
        /// Of those planned, who said yes to words that nobody has kept.
        package var withoutWording = 0
        /// Of those planned with an address in Germany or Austria, who did not confirm by mail that it was they who signed up.
        package var unconfirmed = 0
        /// An import of the list says of nobody where the addresses come from.
        package var hasUnknownSource = false
        /// How many of those planned have a value, by name of the attribute; at most `attributesMax` names.
        package var attributes: [String: Int] = [:]

        package static let attributesMax = 100

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

    /// A route that copies may leave by.
    package struct RouteLine: Hashable, Sendable {
        package var name: String
        /// Handed on to a host with an account, rather than to the receivers themselves.
        package var isSmarthost = false
        /// False where the route is set never to encrypt, to a host on another machine.
        package var encrypts = true
        /// The domain that From has by this route, where the route writes it anew; nil: it stays.
        package var fromWritten: DomainName?
        /// Whether something that DMARC counts speaks for the domain in From, by the latest look at DNS; nil where nobody looked.
        package var isAligned: Bool?
        /// Why the route stands still; empty where it does not.
        package var stopped = ""
        /// Its host is that of Microsoft 365 mailboxes.
        package var isMailbox = false

        package init(name: String) { self.name = name }
    }

    /// What the latest look at DNS found wrong with the domain in From.
    package struct Health: Hashable, Sendable {
        package struct Finding: Hashable, Sendable {
            /// As domain health names it: `dmarc.missing`.
            package var rule: String
            package var isError: Bool
            package var text: String
            /// What to publish; may be empty.
            package var record: String

            package init(rule: String, isError: Bool, text: String, record: String = "") {
                self.rule = rule
                self.isError = isError
                self.text = text
                self.record = record
            }
        }

        package var findings: [Finding]

        package init(findings: [Finding]) { self.findings = findings }
    }

    package struct Attachment: Hashable, Sendable {
        package var name: String
        package var type: String
        package var octets: Int

        package init(name: String, type: String, octets: Int) {
            self.name = name
            self.type = type
            self.octets = octets
        }
    }

    /// Of the sample copy, as it is sent.
    package struct Form: Hashable, Sendable {
        /// Names in lower case, with their values unfolded.
        package var fields: [Field] = []
        package var longestLine = 0
        /// A CR or LF that stands alone.
        package var hasBareLineEnds = false
        /// Names, lower case, that a signature of the sample covers; nil where nothing signs it.
        package var signedFields: Set<String>?

        package struct Field: Hashable, Sendable {
            package var name: String
            package var value: String

            package init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }

        package init() {}

        package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    }

    /// What came back of a time before.
    package struct Past: Hashable, Sendable {
        /// Of all mail of the organisation, on the day with most of the last 30; nil where there is no history.
        package var busiestDay: Int?
        /// Of this list, in 30 days.
        package var delivered = 0
        package var complaints = 0

        package init() {}
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
    /// Why it cannot be reached from outside; nil where it can, or nobody has tried.
    package var publicURLProblem: String?
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
    /// How much of the words of two people's copies is the same, 0…1; nil with fewer than two people.
    package var sameness: Double?
    /// Texts that cannot be told from what lies behind them.
    package var contrast: [ContrastFault] = []
    package var attachments: [Attachment] = []
    /// The routes that copies may leave by.
    package var routes: [RouteLine] = []
    /// Nil before the first look at the domain.
    package var health: Health?
    package var form = Form()
    package var past = Past()
    /// Recipients of the busiest day by the campaign's own limits.
    package var perDay = 0
    /// Whether the text gives a way to reach the sender beside the postal address: mail, telephone or web.
    package var hasContact = false
    package var listID = ""

    package init(from: EmailAddress) { self.from = from }
}
