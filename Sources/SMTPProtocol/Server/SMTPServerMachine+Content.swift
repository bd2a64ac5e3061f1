import MailModel

extension SMTPServerMachine {
    /// One BDAT command (RFC 3030 §2) whose octets are still to come.
    struct Chunk: Sendable {
        var remaining: Int
        let size: Int
        let isLast: Bool
        /// Why the octets are thrown away; sent after them, so that the dialogue stays in sync.
        var refusal: SMTPReply?
    }

    mutating func data() -> Progress {
        guard let transaction else { return outOfOrder("send MAIL FROM first") }
        guard transaction.content == nil else { return outOfOrder("the message came by BDAT so far; go on with BDAT, or send RSET") }
        guard !transaction.recipients.isEmpty else { return outOfOrder("no recipient was accepted; send RCPT TO first") }
        return .ask(.dataStarting(nil), .dataStarting(declaredBytes: transaction.parameters.declaredBytes))
    }

    mutating func bdat(_ argument: ArraySlice<UInt8>) -> Progress {
        let words = argument.split(separator: ASCII.space)
        let isLast = words.count == 2 && words[1].elementsEqual("LAST".utf8) { ASCII.uppercased($0) == $1 }
        guard let first = words.first, words.count == 1 || isLast, case .value(let size) = DecimalNumber(first) else {
            // How many octets follow is not known, so nothing after this can be read.
            stop(SMTPReply(501, EnhancedStatusCode(5, 5, 4), "Syntax error: BDAT needs a number of octets, and LAST at the end. Closing"))
            return .moved
        }
        var chunk = Chunk(remaining: size, size: size, isLast: isLast)
        guard let transaction, !transaction.recipients.isEmpty else {
            let hint = transaction == nil ? "send MAIL FROM first" : "no recipient was accepted"
            chunk.refusal = SMTPReply(503, EnhancedStatusCode(5, 5, 1), "Command out of order: \(hint)")
            phase = .chunk(chunk)
            return .moved
        }
        guard transaction.content == nil else {
            phase = .chunk(chunk)
            return .moved
        }
        return .ask(.dataStarting(chunk), .dataStarting(declaredBytes: transaction.parameters.declaredBytes ?? (isLast ? size : nil)))
    }

    /// The answer to DATA or to the first BDAT. A refusal ends the transaction: nothing can come of it.
    mutating func startData(_ chunk: Chunk?, _ reply: SMTPReply) {
        guard reply.isPositive else {
            transaction = nil
            if var chunk {
                chunk.refusal = reply
                phase = .chunk(chunk)
            } else {
                write(reply)
            }
            return
        }
        let content = ContentCollector(
            framing: chunk == nil ? .dotStuffed : .counted, lineBytesMax: limits.textLineBytesMax,
            messageBytesMax: limits.messageBytesMax, expectedBytes: transaction?.parameters.declaredBytes ?? 0)
        transaction?.content = content
        if let chunk {
            phase = .chunk(chunk)
        } else {
            phase = .data
            write(reply.code == 354 ? reply : SMTPReply(354, nil, "Send the message; end with a dot on a line by itself"))
        }
    }

    mutating func advanceChunk(_ present: Chunk) -> Progress {
        var chunk = present
        let count = min(chunk.remaining, unreadBytes)
        if chunk.refusal == nil { _ = consumeInput(upTo: inputPosition + count) }
        skipInput(count)
        chunk.remaining -= count
        phase = .chunk(chunk)
        return chunk.remaining == 0 ? finishChunk(chunk) : .waits
    }

    private mutating func finishChunk(_ chunk: Chunk) -> Progress {
        phase = .command
        if let refusal = chunk.refusal {
            write(refusal)
            if refusal.code == 421 { close() }
            if refusal.code == 503 { countBadCommand() }
            return .moved
        }
        if chunk.isLast { transaction?.content?.finish() }
        // A defect is told with the chunk that has it; what the client sends of the message after it is refused.
        if chunk.isLast || transaction?.content?.defect != nil { return finishMessage() }
        write(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "\(chunk.size) octets received"))
        return .moved
    }

    /// Hands the whole message to the shell.
    mutating func finishMessage() -> Progress {
        phase = .command
        guard var transaction, let content = transaction.content else { return .moved }
        let message = ReceivedMessage(
            reversePath: transaction.reversePath, parameters: transaction.parameters, recipients: transaction.recipients,
            content: content.bytes, defect: content.defect, has8Bit: content.defect == nil && content.has8Bit)
        // The shell owns the bytes from here on.
        transaction.content = nil
        self.transaction = transaction
        badCommands = 0
        return .ask(.message(content.defect), .message(message))
    }
}
