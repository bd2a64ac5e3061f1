import ArgumentParser
import MailModel
import PosternRuntime
import SMTPProtocol

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Submit a message from a file over SMTP, to the running gate or any host.",
        discussion: "Without --user the gate has to know this machine as a connector.")

    @Argument(help: "The message; its lines may end in LF or CRLF.")
    var file: String
    @Option(help: "Envelope sender; <> for the null path; the From field's address otherwise.")
    var from: String?
    @Option(help: "Envelope recipient, may be repeated; the addresses of To and Cc otherwise.", transform: Arguments.address)
    var to: [EmailAddress] = []
    @Option(help: "HOST:PORT to submit to; the running gate otherwise.", transform: Arguments.hostAndPort)
    var server: HostAndPort?
    @Option(help: "Name to sign in with.")
    var user: String?
    @Flag(help: "Read its password from standard input, one line.")
    var passwordStdin = false
    @Flag(help: "Do not use TLS, also where it is offered.")
    var plaintext = false
    @OptionGroup var data: DataOptions

    func validate() throws {
        if (user != nil) != passwordStdin { throw ValidationError("--user goes with --password-stdin") }
    }

    func run() async throws {
        let message = try MessageFile(path: file)
        let recipients = to.isEmpty ? message.recipients : to
        guard !recipients.isEmpty else { throw ValidationError("\(file) names no recipient: give --to") }
        let transaction = ClientTransaction(
            reversePath: try reversePath(message), recipients: recipients.map { EnvelopeRecipient($0) }, content: message.content)
        let target: HostAndPort
        if let server { target = server } else { target = try await RunningGate.submission(data) }
        var sender = MailSender(host: target.host, port: target.port ?? 25, helloName: "localhost")
        if plaintext { sender.tls = .none }
        if let user {
            sender.tls = .required
            sender.credentials = SMTPCredentials(name: user, password: try PasswordInput.read())
        }
        let (stream, continuation) = AsyncStream.makeStream(of: [RecipientResult].self)
        try await sender.send([transaction]) { _, results in continuation.yield(results) }
        continuation.finish()
        var isRefused = false
        for await results in stream {
            for (recipient, result) in zip(recipients, results) {
                switch result {
                case .delivered(let reply): Output.line("\(recipient): \(Output.printable(reply.description))")
                case .failed(let failure):
                    isRefused = true
                    Output.line("\(recipient): refused: \(Output.printable(failure.reply.description))")
                }
            }
        }
        if isRefused { throw ExitCode(CommandExit.failed.rawValue) }
    }

    private func reversePath(_ message: MessageFile) throws -> ReversePath {
        if let from { return from == "<>" || from.isEmpty ? .null : .address(try Arguments.address(from)) }
        guard let address = message.from else { throw ValidationError("\(file) has no From address: give --from") }
        return .address(address)
    }
}

/// The gate that runs on the data directory.
enum RunningGate {
    static func submission(_ data: DataOptions) async throws -> HostAndPort {
        let status = try await data.perform(ShowStatus())
        guard let address = status.addresses["submission"] else {
            throw AdministrationError(.unavailable, "the gate on \(data.directory) has no submission listener", "Set submission.port.")
        }
        var target = try Arguments.hostAndPort(address)
        if target.host == "0.0.0.0" { target.host = "127.0.0.1" }
        if target.host == "::" { target.host = "::1" }
        return target
    }
}
