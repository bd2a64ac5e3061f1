import ArgumentParser
import PosternRuntime

struct SimulationsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a simulation with what it came to.")

    @Argument var id: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let job = try await data.perform(ShowSimulation(id: id))
        if format.json { return try Output.json([job]) }
        Output.line("\(job.name): \(job.state.rawValue), \(job.percent) percent")
        if let problem = job.problem { Output.line(problem) }
        for line in job.outcome?.lines ?? [] { Output.line(line) }
    }
}
