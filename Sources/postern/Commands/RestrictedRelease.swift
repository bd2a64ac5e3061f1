import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RestrictedRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let somebody send again.",
        discussion: "Checks: \(Release.checksKnown.joined(separator: ", ")). What is not named is kept as not checked.")

    @Argument(help: "An address, connector:NAME or organisation.", transform: Arguments.entity)
    var entity: RestrictedEntity
    @Option(help: "What was found and mended.")
    var reason: String
    @Option(name: .customLong("check"), help: "What was looked at before; may be given several times.")
    var checks: [String] = []
    @Option(help: "What becomes of the mail that has not left, held or waiting: keep (held), release or cancel.")
    var mail = ReleaseRestriction.Mail.keep
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(ReleaseRestriction(entity: entity, checks: checks, mail: mail), reason: reason)
        if format.json { return try Output.json([outcome]) }
        Output.line("\(outcome.restriction.entity) may send again")
        if !outcome.unchecked.isEmpty { Output.line("not checked: \(outcome.unchecked.joined(separator: ", "))") }
        if outcome.mailAffected > 0 {
            let words = [ReleaseRestriction.Mail.keep: "waited, and are held now", .release: "were let go", .cancel: "were cancelled"]
            Output.line("\(outcome.mailAffected) recipients \(words[mail] ?? "")")
        }
        if outcome.mailHeld > 0 {
            Output.line("\(outcome.mailHeld) recipients are still held: postern queue list, then queue release or queue cancel")
        }
    }
}

extension ReleaseRestriction.Mail: ExpressibleByArgument {}
