import MailModel
import SMTPProtocol

/// Stands for the connection around a client machine and notes what it did.
final class ClientShell {
    var machine: SMTPClientMachine
    var actions: [SMTPClientMachine.Action] = []

    init(_ settings: SMTPClientSettings = SMTPClientSettings(helloName: "gate.example.org", tls: .none, serverName: "mx.test")) {
        machine = SMTPClientMachine(settings: settings)
        machine.connected()
    }

    var isReady: Bool { machine.isReady }
    var isEncrypted: Bool { machine.isEncrypted }
    var capabilities: SMTPCapabilities { machine.capabilities }
    var timeout: Duration { machine.timeout }

    /// A session that is ready, with these extensions.
    static func ready(_ extensions: String..., settings: SMTPClientSettings? = nil) -> ClientShell {
        let shell = settings.map { ClientShell($0) } ?? ClientShell()
        shell.receive("220 hello\r\n")
        shell.receive((["mx.test"] + extensions).enumerated().map { "250\($0 == extensions.count ? " " : "-")\($1)\r\n" }.joined())
        _ = shell.take()
        return shell
    }

    func receive(_ text: String) {
        Array(text.utf8).withUnsafeBytes { machine.received($0) }
        pull()
    }

    func begin(_ transaction: ClientTransaction) {
        machine.begin(transaction)
        pull()
    }

    func pull() {
        var rounds = 0
        while let action = machine.next() {
            actions.append(action)
            rounds += 1
            precondition(rounds < 100_000, "the pull loop does not end")
        }
    }

    func closedByPeer() {
        machine.closedByPeer()
        pull()
    }

    func timedOut() {
        machine.timedOut()
        pull()
    }

    /// What was done since the last call, in words: `> text` for what was sent.
    func take() -> [String] {
        defer { actions = [] }
        return actions.map { action in
            switch action {
            case .send(let bytes): "> " + String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").joined(separator: "|")
            case .startTLS: "starttls"
            case .ready: "ready"
            case .finished(let results, let isReusable): "finished \(isReusable) " + results.map(words).joined(separator: ", ")
            case .failed(let failure): "failed " + words(.failed(failure))
            case .close: "close"
            }
        }
    }
}

private func words(_ result: RecipientResult) -> String {
    switch result {
    case .delivered(let reply): return "delivered \(reply.code)"
    case .failed(let failure):
        let permanence = failure.isPermanent ? "permanent" : "transient"
        let code = failure.reply.enhancedCode.map { "\(failure.reply.code) \($0)" } ?? "\(failure.reply.code)"
        return "\(permanence) \(failure.scope) \(failure.stage) \(code)\(failure.isLocal ? " local" : "")"
    }
}

func message(
    to recipients: String..., from sender: String? = "a@example.org", content: String = "Subject: x\r\n\r\n.dot\r\ntext\r\n",
    parameters: MailParameters = MailParameters()
) -> ClientTransaction {
    ClientTransaction(
        reversePath: sender.flatMap { EmailAddress($0) }.map { .address($0) } ?? .null, parameters: parameters,
        recipients: recipients.compactMap { EmailAddress($0) }.map { EnvelopeRecipient($0) }, content: Array(content.utf8))
}
