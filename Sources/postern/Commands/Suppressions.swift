import ArgumentParser

struct Suppressions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses that are not written to, and the rates of what comes back.",
        subcommands: [
            SuppressionsList.self, SuppressionsCheck.self, SuppressionsAdd.self, SuppressionsRemove.self, SuppressionsRestore.self,
            SuppressionsImport.self, SuppressionsExport.self, SuppressionsErase.self, SuppressionsPolicy.self, SuppressionsRates.self,
            SuppressionsReturns.self,
        ])
}
