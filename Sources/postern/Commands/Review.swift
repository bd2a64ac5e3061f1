import ArgumentParser

struct Review: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at held mail, let it go or reject it.",
        subcommands: [ReviewListCommand.self, ReviewShow.self, ReviewRelease.self, ReviewReject.self],
        defaultSubcommand: ReviewListCommand.self)
}
