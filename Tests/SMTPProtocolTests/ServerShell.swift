import MailModel
import SMTPProtocol

/// Stands for the connection around a server machine: answers its questions by script and notes what it did.
final class ServerShell {
    var machine: SMTPServerMachine
    /// Octets sent and not yet looked at.
    var sent: [UInt8] = []
    /// Actions other than `send`, in words.
    var log: [String] = []
    var messages: [ReceivedMessage] = []
    /// Answers by question; nil leaves the question open.
    var answers: [String: SMTPReply?] = [:]
    var isClosed = false
    /// Most octets that waited unread at any time.
    var unreadBytesSeen = 0

    init(_ settings: SMTPServerSettings = SMTPServerSettings(hostName: "gate.example.org"), isEncrypted: Bool = false) {
        machine = SMTPServerMachine(
            settings: settings, isEncrypted: isEncrypted,
            openedAt: settings.futureReleaseMax == nil ? nil : Timestamp(seconds: 1_800_000_000))
        machine.greet()
        pull()
    }

    var isAwaitingDecision: Bool { machine.isAwaitingDecision }
    var wantsInput: Bool { machine.wantsInput }
    var unreadBytes: Int { machine.unreadBytes }

    func receive(_ bytes: some Sequence<UInt8>) {
        Array(bytes).withUnsafeBytes { machine.received($0) }
        pull()
    }

    func receive(_ text: String) { receive(text.utf8) }

    /// Performs what the machine asks for until it has nothing more.
    func pull() {
        unreadBytesSeen = max(unreadBytesSeen, machine.unreadBytes)
        var rounds = 0
        while let action = machine.next() {
            perform(action)
            rounds += 1
            precondition(rounds < 1_000_000, "the pull loop does not end")
        }
    }

    func answer(_ reply: SMTPReply) {
        machine.answer(reply)
        pull()
    }

    private func perform(_ action: SMTPServerMachine.Action) {
        precondition(!isClosed, "an action after close")
        switch action {
        case .send(let bytes): sent += bytes
        case .startTLS: log.append("starttls")
        case .signIn(let signIn):
            log.append("auth \(signIn.mechanism.rawValue) \(signIn.name) \(signIn.password)")
            if let reply = reply("auth", SMTPReply(235, EnhancedStatusCode(2, 7, 0), "Signed in")) { machine.answerSignIn(reply) }
        case .mail(let path, let parameters):
            log.append("mail <\(path)>" + words(parameters))
            decide("mail", SMTPReply(250, EnhancedStatusCode(2, 1, 0), "Sender OK"))
        case .recipient(let recipient):
            log.append("rcpt <\(recipient.address)>" + words(recipient))
            decide("rcpt \(recipient.address)", SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Recipient OK"))
        case .refused: break
        case .dataStarting(let declared):
            log.append("data" + (declared.map { " \($0)" } ?? ""))
            decide("data", SMTPReply(354, nil, "Go ahead"))
        case .message(let message):
            messages.append(message)
            let recipients = message.recipients.map { " <\($0.address)>" }.joined()
            let content = message.defect?.rule ?? "\(message.content.count)\(message.has8Bit ? " 8bit" : "")"
            log.append("message <\(message.reversePath)>\(recipients) \(content)")
            decide("message", message.defect?.reply ?? SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Accepted"))
        case .close:
            isClosed = true
            log.append("close")
        }
    }

    private func reply(_ question: String, _ usual: SMTPReply) -> SMTPReply? {
        if let scripted = answers[question] { return scripted }
        return usual
    }

    private func decide(_ question: String, _ usual: SMTPReply) {
        if let reply = reply(question, usual) { machine.answer(reply) }
    }

    /// The reply lines sent since the last call.
    func takeReplies() -> [String] {
        defer { sent = [] }
        return lines(sent)
    }

    func takeLog() -> [String] {
        defer { log = [] }
        return log
    }
}

/// Lines without CRLF; a line that ends otherwise keeps its end, to be seen in the failure.
func lines(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var start = 0
    for index in bytes.indices where index > 0 && bytes[index] == 10 && bytes[index - 1] == 13 {
        lines.append(String(decoding: bytes[start..<index - 1], as: UTF8.self))
        start = index + 1
    }
    if start < bytes.count { lines.append("unfinished: \(String(decoding: bytes[start...], as: UTF8.self))") }
    return lines
}

private func words(_ parameters: MailParameters) -> String {
    var text = ""
    if let size = parameters.declaredBytes { text += " SIZE=\(size)" }
    if let body = parameters.body { text += " BODY=\(body.rawValue)" }
    if parameters.isInternationalized { text += " SMTPUTF8" }
    if let dsnReturn = parameters.dsnReturn { text += " RET=\(dsnReturn.rawValue)" }
    if let envelopeID = parameters.envelopeID { text += " ENVID=\(envelopeID)" }
    switch parameters.futureRelease {
    case .holdFor(let seconds): text += " HOLDFOR=\(seconds)"
    case .holdUntil(let time): text += " HOLDUNTIL=\(time.rfc3339)"
    case nil: break
    }
    return text
}

private func words(_ recipient: EnvelopeRecipient) -> String {
    var text = ""
    if let notify = recipient.notify { text += " NOTIFY=\(notify.rawValue)" }
    if let original = recipient.originalRecipient { text += " ORCPT=\(original)" }
    return text
}
