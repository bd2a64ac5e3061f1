import ArgumentParser
import DeliveryPlanning
import PosternRuntime
import Storage

struct QueueHold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hold", abstract: "Keep queued recipients back until they are released.")

    @OptionGroup var options: QueueActOptions

    func run() async throws { try await options.perform(.hold, done: "held") }
}
