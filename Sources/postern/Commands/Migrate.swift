import ArgumentParser
import PosternRuntime

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the store to this program's schema; `serve` does so too when it starts.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        switch try await AdministrationAccess.open(data.directory) {
        case .gate(let directory):
            Output.line("A gate runs on \(directory), so its store has the gate's schema. Stop it to migrate to another.")
        case .store(let store):
            await store.close()
            Output.line("The store of \(data.directory) has this program's schema.")
        }
    }
}
