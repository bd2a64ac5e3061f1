import ArgumentParser
import Campaigns
import PosternRuntime

struct ListsAddressLists: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address-lists", abstract: "The lists of disposable domains and role addresses that imports hold addresses against.",
        discussion: "Further ones are named by lists.disposable-domains and lists.role-addresses in the settings.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws { try ListsAddressLists.show(try await data.perform(ListAddressLists()), format) }

    static func show(_ lists: [AddressListView], _ format: FormatOptions) throws {
        try format.print(lists, ["KIND", "FROM", "ENTRIES", "WRITTEN", "PROBLEM"], empty: "There are none.") {
            [$0.kind.rawValue, $0.place, "\($0.entries)", $0.written.isEmpty ? "" : Output.time($0.written), Output.cut($0.problem, 100)]
        }
    }
}

struct ListsFetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Fetch the lists of disposable domains and role addresses that lie on the web now.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws { try ListsAddressLists.show(try await data.perform(FetchAddressLists()), format) }
}
