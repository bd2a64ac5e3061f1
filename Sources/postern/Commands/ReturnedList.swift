import ArgumentParser
import MailModel
import PosternRuntime

struct ReturnedList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The newest first, with the class of each and whether it is believed.")

    @Option(help: ArgumentHelp("Of one message alone.", valueName: "id"))
    var message: String?
    @Option(help: "Lines at most, 1…10000.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if let message, MessageID(message) == nil { throw ValidationError("\(message) is no message's number") }
    }

    func run() async throws {
        let rows = try await data.perform(ListReturned(message: message.flatMap { MessageID($0) }, limit: limit))
        try format.print(rows, ["TIME", "ID", "KIND", "CLASS", "RECIPIENT", "BELIEVED", "WORDS"], empty: "Nothing came back.") {
            [
                Output.time($0.time), $0.id, $0.kind, $0.bounceClass, Output.cut($0.recipient, 40),
                $0.believed ? $0.proof : "no: \($0.proof)",
                Output.cut($0.diagnostic, 60),
            ]
        }
    }
}
