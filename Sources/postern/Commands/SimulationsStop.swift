import ArgumentParser
import PosternRuntime

struct SimulationsStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "End a simulation that runs or waits.")

    @Argument var id: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        let job = try await data.perform(StopSimulation(id: id))
        Output.line("\(job.name): \(job.state.rawValue)")
    }
}
