import ArgumentParser
import MailModel
import PosternRuntime

struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drop the trace of old days whose recipients are all final; the gate does so by itself after storage.trace-days.")

    @Option(help: "Days to keep.")
    var keepDays: Int
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (0...3650).contains(keepDays) else { throw ValidationError("--keep-days takes 0 to 3650") }
    }

    func run() async throws {
        let before = Timestamp.now - .seconds(keepDays * 86_400)
        let outcome = try await data.perform(PurgeTrace(before: before), reason: reason.reason)
        Output.line("\(outcome.count) messages dropped")
    }
}
