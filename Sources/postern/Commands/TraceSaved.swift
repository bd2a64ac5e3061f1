import ArgumentParser
import PosternRuntime

struct TraceSaved: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saved", abstract: "Searches of the trace to make again: one's own, and those that are shared.",
        subcommands: [TraceSavedList.self, TraceSavedAdd.self, TraceSavedRemove.self])
}

struct TraceSavedList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List saved searches.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListSavedSearches())
        try format.print(rows, ["NAME", "TEXT", "STATUS", "HOURS", "SHARED"], empty: "There is no saved search.") {
            [$0.name, $0.text, $0.status, $0.hours.map(String.init) ?? "", $0.isShared ? "yes" : "no"]
        }
    }
}

struct TraceSavedAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Save a search, or replace the one of that name.",
        discussion: "The text is what `postern trace find` takes.")

    @Argument var name: String
    @Argument(help: "What to look for; may be empty.")
    var text: String
    @Option(help: "queued, deferred, held, delivered, bounced, expired, cancelled, suppressed or refused.")
    var status: String?
    @Option(help: "How far back it looks, 1…8760; 48 unless given.")
    var hours: Int?
    @Flag(help: "For everyone who may see the trace.")
    var shared = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = AddSavedSearch(search: name, text: text, status: status, hours: hours, shared: shared)
        let saved = try await data.perform(operation, reason: reason.reason)
        Output.line("search \(saved.name) saved\(saved.isShared ? " for everyone" : "")")
    }
}

struct TraceSavedRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a saved search.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let removed = try await data.perform(RemoveSavedSearch(search: name), reason: reason.reason)
        Output.line("search \(removed.name) removed")
    }
}
