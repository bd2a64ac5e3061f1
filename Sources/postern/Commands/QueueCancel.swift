import ArgumentParser
import DeliveryPlanning
import PosternRuntime
import Storage

struct QueueCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give up queued and held recipients for good; no report is sent.")

    @OptionGroup var options: QueueActOptions

    func run() async throws { try await options.perform(.cancel, done: "cancelled") }
}
