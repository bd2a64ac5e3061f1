import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct Ahead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What will want somebody soon.",
        discussion: """
            Limits that are reached at the pace of the last hour, caps of warm-ups, certificates, keys and accounts that end, domains that \
            receivers refuse mail for, and blocklists; the gravest first.
            """)

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ShowDayAhead())
        try format.print(rows, ["SEVERITY", "WHEN", "WHAT", "WHAT TO DO"], empty: "Nothing is in sight.") {
            [$0.severity.rawValue, $0.at.isEmpty ? "now" : Output.time($0.at), $0.text, $0.advice]
        }
    }
}
