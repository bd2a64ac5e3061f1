import ArgumentParser

struct Connectors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Devices, applications and servers that submit without a password.",
        subcommands: [
            ConnectorsAdd.self, ConnectorsGrant.self, ConnectorsRewrite.self, ConnectorsRelay.self, ConnectorsList.self,
            ConnectorsRemove.self,
        ])
}
