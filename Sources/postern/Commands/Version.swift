import ArgumentParser
import PosternRuntime

struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() async throws { Output.line("postern \(PosternVersion.text)") }
}
