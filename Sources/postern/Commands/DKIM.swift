import ArgumentParser

struct DKIM: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dkim", abstract: "Keys that sign what leaves.",
        subcommands: [DKIMAdd.self, DKIMList.self, DKIMShow.self, DKIMRotate.self, DKIMCheck.self, DKIMRemove.self])
}
