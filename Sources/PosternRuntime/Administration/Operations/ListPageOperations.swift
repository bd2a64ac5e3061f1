package import Campaigns
import Console
import Crypto
import InternetMessage
package import MailModel
package import OutboundPolicy
import Storage

/// What strangers and subscribers see of a list on the web.
package struct ListPagesView: Codable, Hashable, Sendable {
    package var list: String
    package var takesSignUps: Bool
    package var isPublic: Bool
    package var hasArchive: Bool
    package var from: String
    /// Empty: as the reader likes it.
    package var language: String
    /// By language; those that are missing are the gate's own.
    package var wording: [String: String]
    package var formVersion: Int
    package var asksTracking: Bool
    package var about: String
    /// Where the form stands; empty where it is not there, or where `campaigns.public-url` is not set.
    package var form: String
    package var archive: String

    init(_ list: MailingList, publicURL: String?) {
        let pages = list.pages ?? ListPages()
        self.list = list.name
        takesSignUps = pages.takesSignUps
        isPublic = pages.isPublic
        hasArchive = pages.hasArchive
        from = pages.from
        language = pages.language ?? ""
        wording = pages.wording
        formVersion = pages.formVersion
        asksTracking = pages.asksTracking
        about = pages.about
        form = pages.takesSignUps ? publicURL.map { "\($0)/l/\(list.name)" } ?? "" : ""
        archive = pages.hasArchive ? publicURL.map { "\($0)/l/\(list.name)/archive" } ?? "" : ""
    }
}

package struct ShowListPages: AdministrativeOperation {
    package static let name = "lists.pages.show"
    package static let scope = AccessScope.listsRead
    package var list: String

    package init(list: String) { self.list = list }

    package func perform(in administration: Administration, _ act: Act) async throws -> ListPagesView {
        ListPagesView(try await administration.list(list), publicURL: try await administration.settings().campaigns.publicURL)
    }
}

/// Changes what people see of a list; nil leaves what there is.
package struct SetListPages: AdministrativeOperation {
    package static let name = "lists.pages.set"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var takesSignUps: Bool?
    package var isPublic: Bool?
    package var hasArchive: Bool?
    /// One mailbox: `News <news@example.org>`.
    package var from: String?
    /// `en`, `de`, `fr`, `es`; empty: as the reader likes it.
    package var language: String?
    /// By language; an empty text: the gate's own words.
    package var wording: [String: String]?
    package var asksTracking: Bool?
    package var about: String?

    package init(list: String) { self.list = list }

    package func perform(in administration: Administration, _ act: Act) async throws -> ListPagesView {
        let directory = try await administration.directory()
        var found = try await administration.list(list)
        let old = found.pages ?? ListPages()
        var pages = old
        if let takesSignUps { pages.takesSignUps = takesSignUps }
        if let isPublic { pages.isPublic = isPublic }
        if let hasArchive { pages.hasArchive = hasArchive }
        if let asksTracking { pages.asksTracking = asksTracking }
        try setTexts(&pages)
        let publicURL = try await administration.settings().campaigns.publicURL
        if pages.takesSignUps {
            guard let from = Mailbox(pages.from) else {
                throw SetListPages.invalid("people cannot sign up without a sender", "Say --from \"News <news@example.org>\".")
            }
            guard publicURL != nil else {
                throw SetListPages.invalid("campaigns.public-url is not set", "The link that confirms leads below it; set it first.")
            }
            try administration.mayWrite(as: from.address, act, directory)
        }
        if (pages.wording, pages.asksTracking) != (old.wording, old.asksTracking) { pages.formVersion = old.formVersion + 1 }
        found.pages = pages
        let change = try DirectoryChange(.list, name: list, found, entry: act.entry("list.pages", target: list))
        try await administration.expecting(notAfter: directory.version).commit([change])
        return ListPagesView(found, publicURL: publicURL)
    }

    private func setTexts(_ pages: inout ListPages) throws {
        if let from {
            guard from.isEmpty || Mailbox(from) != nil else {
                throw SetListPages.invalid("\"\(from.prefix(100))\" is no mailbox", "Such as: News <news@example.org>.")
            }
            pages.from = from
        }
        if let language {
            guard language.isEmpty || ListPages.languages.contains(language) else { throw SetListPages.noLanguage(language) }
            pages.language = language.isEmpty ? nil : language
        }
        for (language, text) in wording ?? [:] {
            guard ListPages.languages.contains(language) else { throw SetListPages.noLanguage(language) }
            guard text.count <= ListPages.wordingCharactersMax else {
                throw SetListPages.invalid("the wording has more than \(ListPages.wordingCharactersMax) characters", "Make it shorter.")
            }
            pages.wording[language] = text.trimmed.isEmpty ? nil : text.trimmed
        }
        if let about {
            guard about.count <= ListPages.aboutCharactersMax, !about.contains(where: \.isNewline) else {
                throw SetListPages.invalid(
                    "what the list is about is not one line of at most \(ListPages.aboutCharactersMax) characters", "")
            }
            pages.about = about
        }
    }

    private static func noLanguage(_ text: String) -> AdministrationError {
        invalid("there are no pages in \"\(text.prefix(20))\"", "Languages: \(ListPages.languages.joined(separator: ", ")).")
    }

    private static func invalid(_ problem: String, _ advice: String) -> AdministrationError {
        AdministrationError(.invalid, problem, advice)
    }
}

/// Adds to a person's consent ledger what was said elsewhere: on paper, on the telephone, at another form.
package struct RecordConsent: AdministrativeOperation {
    package static let name = "subscribers.consent"
    package static let scope = AccessScope.subscribersWrite
    package var address: EmailAddress
    /// Nil for all lists.
    package var list: String?
    package var act: ConsentAct
    /// Nil: mail.
    package var subject: ConsentSubject?
    /// Nil: express.
    package var basis: ConsentBasis?
    /// Where it was said: `paper form at the fair, box 3`.
    package var source: String
    /// The exact words that were agreed to; kept once, under their hash.
    package var wording: String?
    package var formVersion: String?
    /// RFC 3339; nil: now.
    package var time: String?

    package init(address: EmailAddress, list: String?, act: ConsentAct, source: String) {
        self.address = address
        self.list = list
        self.act = act
        self.source = source
    }

    static let sourceCharactersMax = 300

    package func perform(in administration: Administration, _ act: Act) async throws -> PersonView {
        if let list { _ = try await administration.list(list) }
        guard !source.trimmed.isEmpty, source.count <= RecordConsent.sourceCharactersMax, !source.contains(where: \.isNewline) else {
            throw AdministrationError(
                .invalid, "the source is not one line of at most \(RecordConsent.sourceCharactersMax) characters",
                "Say where and how the person said it.")
        }
        guard (wording?.count ?? 0) <= ConsentWording.charactersMax, (formVersion?.count ?? 0) <= 100 else {
            throw AdministrationError(.invalid, "the wording has more than \(ConsentWording.charactersMax) characters")
        }
        guard let at = time.map({ Timestamp(rfc3339: $0) }) ?? act.at, at <= act.at else {
            throw AdministrationError(.invalid, "the time is none, or lies ahead", "Such as 2026-03-01T12:00:00Z.")
        }
        var hash: String?
        if let wording, !wording.isEmpty {
            let digest = SHA256.hash(data: Array(wording.utf8)).hexadecimal
            let kept = ConsentWording(text: wording, list: list, language: nil, formVersion: formVersion, firstAt: at)
            _ = try await administration.people(.keepWording(hash: digest, kept))
            hash = digest
        }
        let entry = ConsentEntry(
            at: at, act: self.act, subject: subject ?? .mail, basis: self.act == .withdrawn ? .unknown : basis ?? .express, list: list,
            source: "\(source.trimmed), said by \(act.actor)", wordingHash: hash, formVersion: formVersion)
        _ = try await administration.people(.consent(address, [entry]))
        return try await administration.perform(ShowSubscriber(address: address), act)
    }
}
