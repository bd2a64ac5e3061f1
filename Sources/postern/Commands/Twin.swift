import ArgumentParser

struct Twin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twin", abstract: "Be a mail provider, with its limits, replies and memory, for applications to be tried on.",
        subcommands: [
            TwinExchangeOnline.self, TwinGmail.self, TwinOutlook.self, TwinYahoo.self, TwinApple.self, TwinPostfix.self,
            TwinWorld.self, TwinShow.self, TwinActCommand.self,
        ], defaultSubcommand: TwinWorld.self)
}
