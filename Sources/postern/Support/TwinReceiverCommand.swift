import ArgumentParser
import PosternRuntime

/// A receiver of the Internet.
protocol TwinReceiverCommand: AsyncParsableCommand {
    static var provider: String { get }
    var options: TwinOptions { get }
    var settings: [String] { get }
}

extension TwinReceiverCommand {
    static func receiverConfiguration(_ abstract: String) -> CommandConfiguration {
        CommandConfiguration(
            commandName: provider, abstract: abstract,
            discussion: """
                Demands authentication, remembers addresses and domains, expects a warm-up. Recipients that begin with `unknown` do not exist. \
                Prints a line that begins with `ready` once it takes mail; runs until SIGTERM or SIGINT.
                """)
    }

    func run() async throws {
        let options = options
        switch ReceiverTwinService.make(
            Self.provider, numbers: settings, host: options.host, port: options.port, httpPort: options.httpPort,
            clock: try options.makeClock(), onReady: { smtp, http in options.announce(Self.provider, smtp: smtp, http: http) })
        {
        case .success(let service): try await TwinRun.run(service)
        case .failure(let problem): throw ValidationError(problem.text)
        }
    }
}
