import ArgumentParser

struct Restricted: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who may not send: senders, connectors, the organisation.",
        subcommands: [
            RestrictedList.self, RestrictedShow.self, RestrictedRelease.self, RestrictedApprove.self, RestrictedAdd.self,
            RestrictedExport.self,
        ])
}
