import ArgumentParser
import Campaigns
import MailModel
import PosternRuntime

struct ListsPages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pages", abstract: "Show or change what people see of a list on the web.",
        discussion: """
            Without options it shows what there is. --sign-up yes lets people put themselves on the list; each confirms it by mail, which comes \
            from --from. --wording FILE is what they say yes to, in the language of --wording-language (en, de, fr, es).
            """)

    @Argument var name: String
    @Option(help: "Whether people may put themselves on the list: yes or no.")
    var signUp: String?
    @Option(name: .customLong("public"), help: "Whether people see it in the preference centre of other lists: yes or no.")
    var isPublic: String?
    @Option(help: "Whether everybody may read past campaigns: yes or no.")
    var archive: String?
    @Option(help: "Of the mail that confirms, such as \"News <news@example.org>\".")
    var from: String?
    @Option(help: "en, de, fr or es for all readers; empty for the reader's own.")
    var language: String?
    @Option(help: "A file with what people say yes to; an empty one: the gate's own words.")
    var wording: String?
    @Option(help: "The language of that file.")
    var wordingLanguage = "en"
    @Option(help: "Whether the form also asks for consent to counting opens and links: yes or no.")
    var tracking: String?
    @Option(help: "What the list is about.")
    var about: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = SetListPages(list: name)
        change.takesSignUps = try Arguments.yes(signUp, "--sign-up")
        change.isPublic = try Arguments.yes(isPublic, "--public")
        change.hasArchive = try Arguments.yes(archive, "--archive")
        change.asksTracking = try Arguments.yes(tracking, "--tracking")
        (change.from, change.language, change.about) = (from, language, about)
        if let wording { change.wording = [wordingLanguage: try TextFile.read(wording)] }
        let isChange = [signUp, isPublic, archive, from, language, wording, tracking, about].contains { $0 != nil }
        let view = isChange ? try await data.perform(change, reason: reason.reason) : try await data.perform(ShowListPages(list: name))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.list): sign-up \(view.takesSignUps ? "open" : "closed"), form version \(view.formVersion)")
        if !view.form.isEmpty { Output.line("  form     \(view.form)") }
        if !view.archive.isEmpty { Output.line("  archive  \(view.archive)") }
        if !view.from.isEmpty { Output.line("  from     \(Output.printable(view.from))") }
        Output.line("  language \(view.language.isEmpty ? "the reader's" : view.language)")
        Output.line("  in preference centres: \(view.isPublic ? "yes" : "no"); asks about counting: \(view.asksTracking ? "yes" : "no")")
    }
}

struct SubscribersConsent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent", abstract: "Add to a person's consent ledger what was said elsewhere.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Option(name: .customLong("list"), help: "For this list alone.")
    var name: String?
    @Flag(help: "It was withdrawn, not given.")
    var withdrawn = false
    @Flag(help: "About counting opens and links, not about mail.")
    var tracking = false
    @Option(help: "express, relationship, inquiry or organisation.")
    var basis = "express"
    @Option(help: "Where it was said, such as \"paper form at the fair\".")
    var source: String
    @Option(help: "A file with the exact words that were agreed to.")
    var wording: String?
    @Option(help: "Of the form that had these words.")
    var formVersion: String?
    @Option(name: .customLong("at"), help: "When, such as 2026-03-01T12:00:00Z; now where it is missing.")
    var time: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard let basis = ConsentBasis(rawValue: basis), basis != .unknown else {
            throw ValidationError("--basis is express, relationship, inquiry or organisation")
        }
        var entry = RecordConsent(address: address, list: name, act: withdrawn ? .withdrawn : .granted, source: source)
        entry.subject = tracking ? .tracking : .mail
        entry.basis = basis
        entry.wording = try wording.map(TextFile.read)
        (entry.formVersion, entry.time) = (formVersion, time)
        let person = try await data.perform(entry, reason: reason.reason)
        if format.json { return try Output.json([person]) }
        Output.line("the ledger of \(address) has \(person.consent.count) entries")
    }
}
