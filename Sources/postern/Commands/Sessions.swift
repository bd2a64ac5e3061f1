import ArgumentParser

struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who is signed in to the console.", subcommands: [SessionsList.self, SessionsEnd.self])
}
