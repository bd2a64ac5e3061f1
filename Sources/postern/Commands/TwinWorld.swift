import ArgumentParser
import Foundation
import PosternRuntime

/// `postern twin FILE.yaml`, where no provider is named.
struct TwinWorld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world",
        abstract: "Several providers at once, with a DNS of their own, from a YAML file (also: postern twin FILE.yaml).",
        discussion: """
            All on loopback; nothing leaves the machine. Prints a line that begins with `ready` once all take mail; runs until SIGTERM or \
            SIGINT. docs/twin.md has the fields of the file.
            """)

    @Argument(help: "The file.")
    var file: String
    @Flag(help: "The ready line as JSON.")
    var json = false

    func run() async throws {
        guard let text = FileManager.default.contents(atPath: file) else { throw ValidationError("\(file) cannot be read") }
        let plan: TwinWorldPlan
        do {
            plan = try TwinWorldPlan.read(
                String(decoding: text, as: UTF8.self), folder: URL(fileURLWithPath: file).deletingLastPathComponent())
        } catch let error as TwinWorldPlan.Mistake {
            throw ValidationError("\(file): \(error)")
        }
        let json = json
        try await TwinRun.run(
            TwinWorldService(plan, logger: TwinRun.logger) { ports in
                if json, let line = try? JSONText.encode(ports) { return Output.line(line) }
                let twins = ports.twins.map { "\($0.name)=\($0.address):\($0.port)" }.joined(separator: " ")
                Output.line("ready dns=\(ports.host):\(ports.dnsPort) http=\(ports.host):\(ports.httpPort) \(twins)")
            })
    }
}
