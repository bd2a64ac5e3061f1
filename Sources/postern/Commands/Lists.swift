import ArgumentParser
import PosternRuntime

struct Lists: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists of people who get campaigns.",
        subcommands: [
            ListsCreate.self, ListsList.self, ListsShow.self, ListsImport.self, ListsExport.self, ListsSegments.self, ListsRemove.self,
            ListsDomains.self, ListsPages.self,
            ListsAddressLists.self, ListsFetch.self, ListsSample.self,
        ])

    static func show(_ view: ListView) {
        let title = view.title.isEmpty ? "" : "  \(Output.printable(view.title))"
        Output.line("\(view.list)\(title): \(view.subscribed) subscribed, \(view.unsubscribed) unsubscribed")
        for run in view.imports {
            let what =
                switch run.state {
                case "under way": "not finished: kept up to line \(run.line), not on the list. The same `lists import` goes on with it"
                case "dropped": "dropped"
                default: "\(run.taken) of \(run.rows) rows taken, risk \(run.risk)"
                }
            Output.line("  import \(run.number)  \(Output.time(run.started))  \(Output.printable(run.file)) (\(run.source)): \(what)")
        }
    }
}

struct ListsCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a list.")

    @Argument(help: "a to z, 0 to 9, - and _.")
    var name: String
    @Option(help: "As people read it.")
    var title: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(AddList(list: name, title: title), reason: reason.reason)
        Output.line("list \(name) made")
    }
}

struct ListsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the lists.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let lists = try await data.perform(ListLists())
        try format.print(lists, ["LIST", "TITLE", "SUBSCRIBED", "UNSUBSCRIBED"], empty: "No lists.") {
            [$0.list, $0.title, "\($0.subscribed)", "\($0.unsubscribed)"]
        }
    }
}

struct ListsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a list with its imports.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowList(list: name))
        if format.json { return try Output.json([view]) }
        Lists.show(view)
    }
}

struct ListsDomains: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domains", abstract: "What DNS says of a list's domains: those that take no mail are left out of campaigns.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowListDomains(list: name))
        if format.json { return try Output.json([view]) }
        Output.table(
            ["DOMAIN", "PROBLEM", "LOOKED AT"], view.findings.map { [$0.domain, $0.problem, Output.time($0.checked)] },
            empty: "No domain is known to take no mail.")
        let open = view.open == 0 ? "all looked at" : "\(view.open) to be looked at, about \(view.secondsLeft) s left while a gate runs"
        Output.line("\(view.domains) domains: \(view.dead) take no mail, \(open)")
        if view.unanswered > 0 { Output.line("\(view.unanswered) gave no answer and are written to") }
    }
}

struct ListsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a list with its people. What they agreed to stays in the ledger.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(RemoveList(list: name), reason: reason.reason)
        Output.line("list \(name) removed; it had \(affected.count) people")
    }
}

struct ListsSegments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments", abstract: "Count who of a list is in a segment.",
        discussion: """
            A segment is a condition: city = "Fort Collins" and not role in (student, alumni) and consent is valid. Terms: NAME = VALUE, \
            NAME != VALUE, NAME contains VALUE, NAME in (VALUE, …), has NAME, domain = VALUE, joined within N days, consent is STATE; joined by \
            and, or, not and parentheses.
            """)

    @Argument var name: String
    @Argument(help: "The condition.")
    var segment: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(CountSegment(list: name, segment: segment))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.matching) of \(view.subscribed) people of \(view.list)")
    }
}

struct ListsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export", abstract: "Write a list as CSV.")

    @Argument var name: String
    @Flag(help: "One JSON object a line instead of CSV.")
    var json = false
    @OptionGroup var data: DataOptions

    func run() async throws {
        var page = try await data.perform(ListSubscribers(list: name, limit: 5000))
        // Names of attributes as the first people have them; the first column is always the address.
        let names = Set(page.items.flatMap(\.attributes.keys)).sorted()
        if !json { Output.line(CSVText.line(["address", "subscribed", "added"] + names)) }
        while true {
            if json {
                try Output.json(page.items)
            } else {
                for item in page.items {
                    Output.line(
                        CSVText.line([item.address, item.subscribed ? "yes" : "no", item.added] + names.map { item.attributes[$0] ?? "" }))
                }
            }
            guard let next = page.next else { return }
            page = try await data.perform(ListSubscribers(list: name, after: next, limit: 5000))
        }
    }
}
