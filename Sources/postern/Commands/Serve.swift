import ArgumentParser
import PosternRuntime

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gate until SIGTERM or SIGINT.",
        discussion: "Prints a line that begins with `ready` and names its addresses once it takes mail. Logs go to standard error.")

    @OptionGroup var data: DataOptions
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting for this run, such as submission.port=2587; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []

    func run() async throws {
        try await PosternRuntime.Serve(
            directory: data.directory, overrides: overrides, makeGate: { try GateFactory.make($0) }, announce: { Output.line($0) }
        ).run()
    }
}
