import ArgumentParser

struct WarmUpCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warmup", abstract: "Let egress sources that receivers do not know yet send more each day.",
        subcommands: [WarmUpList.self, WarmUpShow.self, WarmUpSet.self, WarmUpPause.self, WarmUpRemove.self])
}
