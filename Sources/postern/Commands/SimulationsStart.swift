import ArgumentParser
import Foundation
import PosternRuntime

struct SimulationsStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Run a plan in the background of the gate.")

    @Argument(help: "The plan, YAML; docs/simulate.md has its fields.") var plan: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard let text = FileManager.default.contents(atPath: plan) else { throw ValidationError("\(plan) cannot be read") }
        let job = try await data.perform(StartSimulation(plan: String(decoding: text, as: UTF8.self)))
        Output.line("simulation \(job.id): \(job.name)")
    }
}
