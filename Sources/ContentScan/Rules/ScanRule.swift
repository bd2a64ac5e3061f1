/// What built-in rules look for. The name is the finding's; the weight, what it adds to the score unless a setting says otherwise.
package enum ScanRule: String, CaseIterable, Sendable, Codable {
    case recipients = "recipients.many"
    case manyLinks = "links.many"
    case manySites = "links.sites"
    case shortener = "links.shortener"
    case redirect = "links.redirect"
    case pixel = "links.pixel"
    case lyingText = "links.other-than-shown"
    case lookAlike = "links.look-alike"
    case mixedScript = "links.mixed-script"
    case numericHost = "links.number"
    case userInLink = "links.user"
    case escapedHost = "links.escaped"
    case port = "links.port"
    case hiddenText = "text.hidden"
    case unseenCharacters = "text.unseen-characters"
    case imageOnly = "text.image-only"
    case noPlainText = "text.no-plain"
    case spacedWords = "text.spaced-words"
    case large = "size.large"
    case forgedReply = "subject.forged-reply"
    case shouting = "subject.shouting"
    case emptySubject = "subject.empty"
    case addressInName = "from.address-in-name"
    case unreadableFrom = "from.unreadable"
    case misaligned = "from.envelope"
    case deadDomain = "from.dead-domain"
    case replyElsewhere = "reply-to.elsewhere"
    case noUnsubscribe = "bulk.no-unsubscribe"
    case executable = "attachment.executable"
    case doubleExtension = "attachment.double-extension"
    case disguised = "attachment.disguised"
    case macros = "attachment.macros"
    case htmlFile = "attachment.html"
    case headerDamage = "header.damage"
    case partDamage = "parts.damage"
    case form = "html.form"
    case script = "html.script"
    case embedded = "html.embedded"
    case duplicates = "duplicates.many"
    case spamWords = "words.spam"
    case hamWords = "words.wanted"

    /// Of a score in which 8 is spam. Words have a weight of their own for each message; here stands the most that they add or take.
    package var standardWeight: Double {
        switch self {
        case .executable, .doubleExtension, .disguised: 5
        case .lookAlike: 3.5
        case .lyingText, .mixedScript, .deadDomain, .duplicates: 3
        case .numericHost, .userInLink, .addressInName, .macros: 2.5
        case .spacedWords, .script: 2
        case .shortener, .escapedHost, .hiddenText, .unseenCharacters, .imageOnly, .unreadableFrom, .htmlFile: 1.5
        case .forgedReply, .port, .replyElsewhere, .noUnsubscribe, .headerDamage, .embedded, .form: 1
        case .shouting, .partDamage: 0.8
        case .recipients, .redirect, .manySites: 0.5
        case .manyLinks, .noPlainText, .misaligned, .emptySubject: 0.3
        case .pixel, .large: 0.2
        case .spamWords: 14
        case .hamWords: -6
        }
    }

    /// One plain sentence.
    package var explanation: String {
        switch self {
        case .recipients: "The message goes to many people at once."
        case .manyLinks: "There are very many links."
        case .manySites: "The links lead to many different sites."
        case .shortener: "A link goes through a service that hides where it leads."
        case .redirect: "A link carries another address within it, and leads there."
        case .pixel: "An invisible picture tells the sender who has opened the message."
        case .lyingText: "The text of a link shows another site than the one it leads to."
        case .lookAlike: "A host looks like a well-known one and is another."
        case .mixedScript: "A host is written in letters of several alphabets."
        case .numericHost: "A link leads to a number, not to a name."
        case .userInLink: "What looks like the host of a link is a user name."
        case .escapedHost: "The host of a link is hidden behind percent signs."
        case .port: "A link leads to an unusual port."
        case .hiddenText: "Text is made so that readers do not see it."
        case .unseenCharacters: "Characters that nobody sees stand within words."
        case .imageOnly: "Pictures stand where the text should be."
        case .noPlainText: "There is HTML and no plain text."
        case .spacedWords: "Words are written with gaps, as filters do not know them."
        case .large: "The message is very large."
        case .forgedReply: "The subject claims an answer, and nothing says to what."
        case .shouting: "The subject is all in capitals, or full of exclamation marks."
        case .emptySubject: "There is no subject."
        case .addressInName: "The name of the sender shows an address that is not the sender's."
        case .unreadableFrom: "The From field is missing or cannot be read."
        case .misaligned: "The envelope's sender is of another domain than From."
        case .deadDomain: "The domain of From exists in no DNS record that mail or the web could use."
        case .replyElsewhere: "Answers go to another domain than the message says it is from."
        case .noUnsubscribe: "This looks like bulk mail, and there is no way to unsubscribe."
        case .executable: "A program is attached."
        case .doubleExtension: "The name of a file hides what kind it is."
        case .disguised: "An attached file is a program and says that it is something else."
        case .macros: "A document with macros is attached."
        case .htmlFile: "A web page is attached."
        case .headerDamage: "The header is damaged."
        case .partDamage: "The parts of the message are damaged."
        case .form: "There is a form to fill in."
        case .script: "There is a script."
        case .embedded: "Content is embedded from elsewhere."
        case .duplicates: "The same text has gone to many people."
        case .spamWords: "Its words are those of spam."
        case .hamWords: "Its words are those of mail that is wanted."
        }
    }
}
