import ArgumentParser

struct APIKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "Keys with which programs use the HTTP interface.",
        subcommands: [
            APIKeysAdd.self, APIKeysList.self, APIKeysGrant.self, APIKeysDisable.self, APIKeysEnable.self, APIKeysRemove.self,
        ])
}
