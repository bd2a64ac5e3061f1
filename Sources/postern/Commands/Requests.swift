import ArgumentParser

struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Senders that ask for a higher limit or for bulk mail.",
        subcommands: [RequestsAdd.self, RequestsList.self, RequestsApprove.self, RequestsRefuse.self])
}
