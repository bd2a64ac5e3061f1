import ArgumentParser
import DeliveryPlanning
import PosternRuntime
import Storage

struct QueueRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "Let held recipients go.")

    @OptionGroup var options: QueueActOptions

    func run() async throws { try await options.perform(.release, done: "released") }
}
