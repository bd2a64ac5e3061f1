import ArgumentParser

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What became of messages: a list by what is known of them, or one text to look for.",
        discussion: "`postern trace ID` and `postern trace --sender …` are `postern trace list`.",
        subcommands: [TraceList.self, TraceFind.self, TraceSaved.self], defaultSubcommand: TraceList.self)
}
