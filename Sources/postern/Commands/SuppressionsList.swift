import ArgumentParser
import MailModel
import PosternRuntime
import Storage

struct SuppressionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List entries, the last changed first.")

    @Option(help: "A domain (example.com), or how addresses begin (kim@).") var pattern: String?
    @Option(
        name: .customLong("for"), help: "Of one reason alone, such as address-dead or complaint.", transform: Arguments.suppressionReason)
    var cause: SuppressionReason?
    @Option(help: "Of one scope alone: organisation, tenant, list:NAME, stream:NAME.", transform: Arguments.suppressionScope)
    var scope: SuppressionScope?
    @Flag(help: "Those too that were taken off or have ended.") var all = false
    @Option(help: "How many, 1 to 10000.") var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit wants 1 to 10000") }
    }

    func run() async throws {
        var query = SuppressionQuery()
        (query.reason, query.scope, query.pattern, query.includesRemoved, query.limit) = (cause, scope, pattern, all, limit)
        let rows = try await data.perform(ListSuppressions(query: query))
        try format.print(rows, SuppressionsList.titles, empty: "No entries.", SuppressionsList.cells)
    }

    static let titles = ["ADDRESS", "SCOPE", "REASON", "SINCE", "UNTIL", "SOURCE"]

    static func cells(_ view: SuppressionView) -> [String] {
        let until = view.removed.isEmpty ? view.until.isEmpty ? "for ever" : Output.time(view.until) : "ended \(Output.time(view.removed))"
        return [
            view.address.isEmpty ? "erased \(view.hash.prefix(16))" : view.address, view.scope, view.reason.rawValue,
            Output.time(view.since), until, Output.cut(view.source, 40),
        ]
    }
}
