import ArgumentParser
import PosternRuntime

struct Returned: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What came back after mail had left: bounces, complaints, automatic answers.",
        subcommands: [ReturnedList.self, ReturnedShow.self], defaultSubcommand: ReturnedList.self)
}
