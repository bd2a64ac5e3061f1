import ArgumentParser
import PosternRuntime

struct ReputationList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Each address and domain with each list, as the last look found it.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws { try Reputation.show(try await data.perform(ListReputation()), format) }
}
