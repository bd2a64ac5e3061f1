import ArgumentParser
import PosternRuntime

struct ReviewListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Held messages, newest first, with what they are held for.")

    @Option(help: "Those alone that are held for this: spam, suspicious, pool, limit or person.") var reason: ReviewReason?
    @Option(help: "Messages at most.") var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000") }
    }

    func run() async throws {
        var lines: [ReviewLine] = []
        var operation = ListReview(reason: reason)
        repeat {
            operation.limit = min(ListReview.pageMax, limit - lines.count)
            let list = try await data.perform(operation)
            lines += list.messages
            operation.from = list.next
        } while operation.from != nil && lines.count < limit
        try format.print(
            lines, ["message", "received", "sender", "subject", "held", "for", "score", "pool"], empty: "Nothing is held."
        ) { line in
            [
                line.message, Output.time(line.received), Output.cut(line.sender, 30), Output.cut(line.subject, 40), "\(line.held)",
                line.reason.rawValue, line.scan.map { "\($0.score)" } ?? "", line.pool,
            ]
        }
    }
}

extension ReviewReason: ExpressibleByArgument {}
