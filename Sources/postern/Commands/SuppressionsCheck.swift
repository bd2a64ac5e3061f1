import ArgumentParser
import MailModel
import PosternRuntime

struct SuppressionsCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "What is known of an address, and which mail does not go to it.")

    @Argument(transform: Arguments.address) var address: EmailAddress
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(CheckSuppression(address: address))
        if format.json { return try Output.json([view]) }
        Output.line(
            view.keeps.isEmpty
                ? "\(address): mail of no list goes to it" : "\(address): no \(view.keeps.joined(separator: ", ")) mail goes to it")
        guard !view.entries.isEmpty else { return }
        Output.table(SuppressionsList.titles, view.entries.map(SuppressionsList.cells), empty: "")
        for entry in view.entries where !entry.note.isEmpty { Output.line("\(entry.reason.rawValue): \(Output.printable(entry.note))") }
    }
}
