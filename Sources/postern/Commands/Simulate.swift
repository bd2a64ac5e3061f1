import ArgumentParser
import Foundation
import PosternRuntime

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try a plan on a simulated clock: when it is done, what the provider answers, who gets restricted, and a better plan.",
        discussion: """
            The gate's own decisions run against the model of Exchange Online; no mail is sent and no time passes. With --seeds in place of a \
            plan, mail with crashes, a failing store and lost connections is run for so many seeds, and every promise checked after each event.

            With --check it exits with 1 where something was refused, restricted or left waiting.
            """)

    @Argument(help: "The plan, YAML; docs/simulate.md has its fields.")
    var plan: String?
    @Flag(help: "One JSON object.")
    var json = false
    @Flag(help: "Exit with 1 where the plan does not end well.")
    var check = false
    @Option(help: ArgumentHelp("Write the picture over time to this file, SVG.", valueName: "file"))
    var svg: String?
    @Option(help: "Runs with faults, in place of a plan.")
    var seeds: Int?
    @Option(help: "The first of these seeds.")
    var firstSeed: UInt64 = 0

    func validate() throws {
        guard (plan == nil) != (seeds == nil) else { throw ValidationError("give a plan, or --seeds") }
        guard seeds.map({ (1...1_000_000).contains($0) }) ?? true else { throw ValidationError("--seeds is from 1 to 1000000") }
    }

    func run() throws {
        if let seeds { return try walk(seeds) }
        let path = plan ?? ""
        guard let text = FileManager.default.contents(atPath: path) else { throw ValidationError("\(path) cannot be read") }
        let outcome = try SimulationRun.run(yaml: String(decoding: text, as: UTF8.self))
        if let svg { try Data(outcome.svg.utf8).write(to: URL(fileURLWithPath: svg)) }
        if json {
            Output.line(try JSONText.encode(outcome.view))
        } else {
            for line in outcome.lines { Output.line(line) }
        }
        if check, !outcome.isGood { throw ExitCode(CommandExit.failed.rawValue) }
    }

    private func walk(_ count: Int) throws {
        var failed = 0
        for seed in firstSeed..<(firstSeed &+ UInt64(count)) {
            let problems = SimulationRun.walk(seed: seed)
            guard !problems.isEmpty else { continue }
            failed += 1
            Output.line("seed \(seed): \(problems.prefix(3).joined(separator: "; "))")
        }
        Output.line("\(count - failed) of \(count) seeds kept every promise")
        if failed > 0 { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
