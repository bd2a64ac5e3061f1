import ArgumentParser
import PosternRuntime

struct ReviewRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let held messages go, by the pool that they were given: spam never by the normal one.")

    @OptionGroup var decision: ReviewDecision
    @Flag(help: "Tell the senders.") var notify = false

    func run() async throws { try await decision.perform(.release, notifies: notify, "released") }
}
