import ArgumentParser

struct ReportCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reports", abstract: "Reports of others on mail in your name: DMARC and TLS.",
        subcommands: [
            ReportsRead.self, ReportsImport.self, ReportsList.self, ReportsShow.self, ReportsSources.self, ReportsTLS.self,
        ])
}
