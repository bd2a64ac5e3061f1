import ArgumentParser
import DeliveryPlanning
import PosternRuntime
import Storage

struct QueueRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try queued recipients now instead of when they are due.")

    @OptionGroup var options: QueueActOptions

    func run() async throws { try await options.perform(.retry, done: "due now") }
}
