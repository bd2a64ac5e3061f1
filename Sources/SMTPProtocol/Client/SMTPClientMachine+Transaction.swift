import MailModel

/// A transaction under way on a client connection.
struct ClientTransactionState: Sendable {
    /// What the next reply answers.
    enum Expected: Sendable {
        case mail
        case recipient(Int)
        case data
        case dot
        /// The dot of an empty message, sent where DATA was taken though no recipient was.
        case loneDot
        case reset
    }

    let transaction: ClientTransaction
    /// One for each recipient; nil while it is open.
    var results: [RecipientResult?]
    /// Replies still to come, in order, from `expectedPosition` on.
    var expected: [Expected] = []
    var expectedPosition = 0
    /// The next recipient whose RCPT is to be sent.
    var nextRecipient = 0
    var isMailAccepted = false
    var isDataSent = false

    init(_ transaction: ClientTransaction) {
        self.transaction = transaction
        results = Array(repeating: nil, count: transaction.recipients.count)
    }

    var isAwaiting: Bool { expectedPosition < expected.count }
    var awaited: Expected? { isAwaiting ? expected[expectedPosition] : nil }
    var hasOpenRecipients: Bool { results.contains { $0 == nil } }

    var stage: DeliveryStage {
        switch awaited {
        case .mail, nil: .mail
        case .recipient: .recipient
        case .data: .data
        case .dot, .loneDot, .reset: .dot
        }
    }

    func timeout(_ timeouts: SMTPClientTimeouts) -> Duration {
        switch awaited {
        case .mail, nil: timeouts.mail
        case .recipient: timeouts.recipient
        case .data: timeouts.data
        case .dot, .loneDot: timeouts.dot
        case .reset: timeouts.hello
        }
    }

    mutating func resolveOpen(_ result: RecipientResult) {
        for index in results.indices where results[index] == nil { results[index] = result }
    }
}

extension SMTPClientMachine {
    mutating func beginTransaction(_ message: ClientTransaction) {
        state = .transaction
        transaction = ClientTransactionState(message)
        if let failure = obstacle(message) { return finish(unresolved: failure, isReusable: true) }
        guard isInStep, var open = transaction.take() else { return endOutOfStep() }
        output.reserveCapacity(output.count + SMTPClientMachine.envelopeBytes)
        message.writeMail(to: &output, capabilities)
        open.expected = [.mail]
        if capabilities.pipelining, !message.isEnvelopeOnly {
            open.expected.reserveCapacity(message.recipients.count + 3)
            for index in message.recipients.indices {
                message.writeRecipient(index, to: &output, capabilities)
                open.expected.append(.recipient(index))
            }
            output += "DATA\r\n".utf8
            open.expected.append(.data)
            open.nextRecipient = message.recipients.count
            open.isDataSent = true
        }
        transaction = open
    }

    /// What MAIL, one RCPT and DATA mostly fit into.
    private static var envelopeBytes: Int { 256 }

    /// Why the message cannot go to this server at all, known before a word is said.
    private func obstacle(_ message: ClientTransaction) -> DeliveryFailure? {
        if let size = capabilities.size, size > 0, message.content.count > size {
            let text = "The message has \(message.content.count) octets; \(settings.serverName) takes at most \(size)"
            return .local(552, EnhancedStatusCode(5, 3, 4), text, scope: .message, stage: .mail)
        }
        if message.needsSMTPUTF8, !capabilities.smtpUTF8 {
            let text = "The message needs SMTPUTF8, which \(settings.serverName) does not offer"
            return .local(553, EnhancedStatusCode(5, 6, 7), text, scope: .message, stage: .mail)
        }
        if message.parameters.requiresTLS, !isEncrypted || !capabilities.requireTLS {
            let text = "The message asks for REQUIRETLS (RFC 8689), which \(settings.serverName) does not offer"
            return .local(550, EnhancedStatusCode(5, 7, 30), text, scope: .message, stage: .mail)
        }
        return nil
    }

    mutating func handleInTransaction(_ reply: SMTPReply) {
        guard let answered = transaction?.awaited else { return endOutOfStep() }
        if reply.code == 421 { return finish(unresolved: .peer(reply, scope: .host, stage: stage), isReusable: false) }
        guard isExpected(reply, for: answered) else { return endForUnexpected(reply) }
        if case .data = answered, reply.isPositive { return sendContent() }
        transaction?.expectedPosition += 1
        switch answered {
        case .mail:
            transaction?.isMailAccepted = reply.isCompletion
            if !reply.isCompletion { transaction?.resolveOpen(.failed(.peer(reply, scope: .message, stage: .mail))) }
        case .recipient(let index):
            guard transaction?.results[index] == nil else { break }
            if !reply.isCompletion {
                transaction?.results[index] = .failed(.peer(reply, scope: .recipient, stage: .recipient))
            } else if transaction?.transaction.isEnvelopeOnly == true {
                transaction?.results[index] = .delivered(reply)
            }
        case .data: transaction?.resolveOpen(.failed(.peer(reply, scope: .message, stage: .data)))
        case .dot:
            let result = reply.isCompletion ? RecipientResult.delivered(reply) : .failed(.peer(reply, scope: .message, stage: .dot))
            transaction?.resolveOpen(result)
            return finish(isReusable: true)
        case .loneDot: return finish(isReusable: true)
        case .reset: return finish(isReusable: reply.isCompletion)
        }
        goOn()
    }

    /// 3xx belongs to DATA alone, and 2xx is no answer to it.
    private func isExpected(_ reply: SMTPReply, for answered: ClientTransactionState.Expected) -> Bool {
        if case .data = answered { return reply.code >= 300 }
        return reply.code < 300 || reply.code >= 400
    }

    /// Sends what comes next, once every reply is in.
    private mutating func goOn() {
        guard transaction?.isAwaiting == false, let open = transaction else { return }
        guard open.isMailAccepted else { return finish(isReusable: true) }
        var command: [UInt8] = []
        if open.nextRecipient < open.transaction.recipients.count {
            open.transaction.writeRecipient(open.nextRecipient, to: &command, capabilities)
            transaction?.expected.append(.recipient(open.nextRecipient))
            transaction?.nextRecipient += 1
        } else if !open.isDataSent, open.hasOpenRecipients {
            command = Array("DATA\r\n".utf8)
            transaction?.expected.append(.data)
            transaction?.isDataSent = true
        } else {
            // Nobody is left, but the server has a transaction open.
            command = Array("RSET\r\n".utf8)
            transaction?.expected.append(.reset)
        }
        guard isInStep else { return endOutOfStep() }
        output += command
    }

    /// DATA was answered with 354. The content goes out with its final dot; where no recipient was taken, the dot alone.
    private mutating func sendContent() {
        guard isInStep, let hasRecipients = transaction?.hasOpenRecipients, let content = transaction?.transaction.content else {
            return endOutOfStep()
        }
        transaction?.expectedPosition += 1
        transaction?.expected.append(hasRecipients ? .dot : .loneDot)
        let stuffed = hasRecipients ? dotStuffed(content) : Array(".\r\n".utf8)
        if output.isEmpty { output = stuffed } else { output += stuffed }
    }

    /// Reports one result for each recipient; those still open get `unresolved`.
    mutating func finish(unresolved: DeliveryFailure? = nil, isReusable: Bool) {
        guard var open = transaction.take() else { return }
        if let unresolved { open.resolveOpen(.failed(unresolved)) }
        actions.append(.finished(open.results.compactMap { $0 }, isReusable: isReusable))
        if isReusable {
            state = .ready
        } else {
            close()
        }
    }
}
