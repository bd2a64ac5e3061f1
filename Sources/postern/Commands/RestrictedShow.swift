import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RestrictedShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "A restriction with its evidence.")

    @Argument(help: "An address, connector:NAME or organisation.", transform: Arguments.entity)
    var entity: RestrictedEntity
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowRestriction(entity: entity))
        if format.json { return try Output.json([view]) }
        RestrictionText.print(view)
    }
}

/// A restriction for reading.
enum RestrictionText {
    static func print(_ view: RestrictionView) {
        let seen = view.evidence
        let facts = [
            ("entity", view.entity), ("state", view.state), ("since", Output.time(view.since)),
            ("until", view.until.isEmpty ? "a person releases it" : Output.time(view.until)), ("stops", "\(view.stops) mail"),
            ("reference", view.reference), ("rule", view.rule), ("why", view.reason),
            ("last 24 hours", "\(seen.messages) messages, \(seen.firstTimeRecipients) recipients for the first time"),
            ("judged spam", "\(seen.judgedSpam) of \(seen.judged), \(seen.nearDuplicates) near-duplicates"),
            ("approved by", view.approvedBy),
            ("not left", view.held.map { "recipients: \($0) held, \(view.waiting ?? 0) waiting" } ?? ""),
        ]
        for (name, value) in facts where !value.isEmpty { Output.line(column(name) + Output.printable(value)) }
        let lists = [
            ("limit", seen.limits.map(\.text)), ("subject", seen.subjects), ("recipient", seen.recipients),
            ("from address", seen.addresses),
            ("client", seen.clientNames),
        ]
        for (name, values) in lists {
            for value in values { Output.line(column(name) + Output.printable(value)) }
        }
        for release in view.releases {
            let checks = release.checks.isEmpty ? "nothing checked" : release.checks.joined(separator: ", ")
            let approver = release.approver.isEmpty ? "" : ", approved by \(release.approver)"
            Output.line(
                column("released")
                    + Output.printable("\(Output.time(release.time)) by \(release.actor)\(approver): \(release.reason) (\(checks))"))
        }
        if view.state == "restricted" {
            Output.line()
            Output.line(
                "Before a release: was the password stolen? Change it, end sessions and app passwords, look at forwarding rules, mend the cause."
            )
            Output.line(
                "Then: postern restricted release \(view.sender.isEmpty ? view.entity : view.sender) --reason … --check password-changed …")
        }
    }

    private static func column(_ name: String) -> String { name + String(repeating: " ", count: max(1, 16 - name.count)) }
}
