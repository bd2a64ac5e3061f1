package import MailModel

/// The server's side of one SMTP connection (RFC 5321, 6409): bytes in, actions out.
///
/// The shell calls `greet`, hands over what it reads with `received`, and pulls `next` until nil after each event. Commands that
/// the client pipelined (RFC 2920) are taken one by one, in order; while a decision is awaited the rest waits.
///
/// Not copyable: a connection has one, and a copy made to ask it something would cost more than the answer.
package struct SMTPServerMachine: ~Copyable, Sendable {
    enum Phase: Sendable {
        /// Before the greeting.
        case opening
        case command
        case signIn(SignInStep)
        case data
        case chunk(Chunk)
        /// STARTTLS was taken; `isAnnounced` once the shell was told.
        case startingTLS(isAnnounced: Bool)
        /// What is in `output` goes out, then the connection is closed.
        case closing
        case closed
    }

    /// What the shell was asked and has not answered.
    enum Question: Sendable {
        case signIn
        case mail(ReversePath, MailParameters)
        case recipient(EnvelopeRecipient)
        /// Nil for DATA.
        case dataStarting(Chunk?)
        case message(ContentDefect?)
    }

    /// A mail transaction, from an accepted MAIL on (RFC 5321 §3.3).
    struct Transaction: Sendable {
        var reversePath: ReversePath
        var parameters: MailParameters
        var recipients: [EnvelopeRecipient] = []
        /// Nil until content may come.
        var content: ContentCollector?
    }

    let settings: SMTPServerSettings
    let openedAt: Timestamp?
    var phase = Phase.opening
    var question: Question?
    var transaction: Transaction?
    var output: [UInt8] = []
    var badCommands = 0
    var failedSignIns = 0
    private(set) var input: [UInt8] = []
    private(set) var inputPosition = 0
    /// The rest of an over-long line is thrown away: its last octet so far, and the limit that it passed.
    private var discarded: (last: UInt8, limit: Int)?
    /// The final dot has come, in bytes that were taken without a stop in `input`.
    private var isContentComplete = false

    /// True under TLS; AUTH is taken only then.
    package private(set) var isEncrypted: Bool
    /// True after a sign-in that was answered with 235.
    package internal(set) var isSignedIn = false
    /// What the client called itself; nil before EHLO or HELO. Printable ASCII without spaces.
    package internal(set) var clientName: String?
    /// True where the client said EHLO rather than HELO (`ESMTP` in a trace field).
    package internal(set) var saysEHLO = false

    var limits: SMTPServerLimits { settings.limits }

    /// `openedAt`: the time of the connection, from which the latest HOLDUNTIL is reckoned; nil: FUTURERELEASE is not offered.
    package init(settings: SMTPServerSettings, isEncrypted: Bool, openedAt: Timestamp? = nil) {
        self.settings = settings
        self.isEncrypted = isEncrypted
        self.openedAt = openedAt
    }

    /// True from an action that asks for a decision until its answer.
    package var isAwaitingDecision: Bool { question != nil }

    /// Octets that came and were not looked at.
    package var unreadBytes: Int { input.count - inputPosition }

    /// False where the shell should stop reading: a decision is awaited and enough waits behind it, or all is over.
    package var wantsInput: Bool {
        if case .closed = phase { return false }
        return !isAwaitingDecision || unreadBytes < limits.pipelinedBytesMax
    }

    /// True once the client has begun a transaction that is not finished.
    package var isInTransaction: Bool { transaction != nil }

    /// True once the client has said QUIT.
    package internal(set) var hasQuit = false

    /// Octets of content held for the message that is coming in; 0 where none is.
    package var contentBytes: Int { transaction?.content?.bytes.count ?? 0 }

    /// There is no memory for more of the message: it is followed to its end and refused there with 452.
    package mutating func contentRefused() { transaction?.content?.refuse(.noRoom) }

    /// Queues the 220 greeting. Call once, or `refuse`.
    package mutating func greet() {
        guard case .opening = phase else { return }
        phase = .command
        write(SMTPReply(220, nil, "\(settings.hostName) \(settings.manner?.greeting ?? "ESMTP Postern")"))
    }

    /// Queues 421 or 554 in place of the greeting, then closes.
    package mutating func refuse(_ reply: SMTPReply) { stop(reply) }

    /// Bytes from the client, in any portions. After the end they are ignored.
    package mutating func received(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        switch phase {
        case .closing, .closed: return
        // Plaintext after the 220 to STARTTLS, where only a handshake may come.
        case .startingTLS: refuseSmuggledPlaintext()
        case .data where question == nil && unreadBytes == 0:
            let (used, isComplete) = transaction?.content?.consume(bytes) ?? (0, false)
            isContentComplete = isComplete
            store(bytes.slice(used..<bytes.count))
        case .opening, .command, .signIn, .data, .chunk: store(bytes)
        }
    }

    /// The decision on `.mail`, `.recipient`, `.dataStarting` or `.message`; a positive reply accepts. 421 also closes.
    ///
    /// After `stop` the answer comes too late and is dropped.
    package mutating func answer(_ reply: SMTPReply) {
        guard let question else {
            preconditionIsOver()
            return
        }
        self.question = nil
        let allowsUTF8 = transaction?.parameters.isInternationalized ?? false
        switch question {
        case .signIn: preconditionFailure("a sign-in is answered with answerSignIn")
        case .mail(let reversePath, let parameters):
            if reply.isPositive { transaction = Transaction(reversePath: reversePath, parameters: parameters) }
            write(reply, allowsUTF8: parameters.isInternationalized)
        case .recipient(let recipient):
            if reply.isPositive { transaction?.recipients.append(recipient) }
            write(reply, allowsUTF8: allowsUTF8)
        case .dataStarting(let chunk): startData(chunk, reply)
        case .message(let defect):
            transaction = nil
            phase = .command
            write(reply.isPositive ? defect?.reply ?? reply : reply, allowsUTF8: allowsUTF8)
        }
        if reply.code == 421 { close() }
    }

    /// The decision on `.signIn`: 235 signs in; everything else is a failure.
    package mutating func answerSignIn(_ reply: SMTPReply) {
        guard case .signIn = question else {
            preconditionIsOver()
            return
        }
        question = nil
        phase = .command
        isSignedIn = reply.code == 235
        write(reply)
        if reply.code == 421 { close() }
        guard !isSignedIn else { return }
        failedSignIns += 1
        if failedSignIns >= limits.failedSignInsMax {
            stop(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many failed sign-ins; try again later"))
        }
    }

    /// The handshake is done: everything that the client said before is forgotten (RFC 3207 §4.2).
    package mutating func tlsEstablished() {
        guard case .startingTLS = phase else { return }
        isEncrypted = true
        isSignedIn = false
        clientName = nil
        saysEHLO = false
        transaction = nil
        phase = .command
        badCommands = 0
    }

    /// Queues a last reply (421: time-out, shutdown) and closes. A decision that is awaited is given up.
    package mutating func stop(_ reply: SMTPReply) {
        if case .closed = phase { return }
        if case .closing = phase { return }
        write(reply)
        close()
    }

    /// The next thing to do; nil when nothing is left until the next event.
    package mutating func next() -> Action? {
        advancing: while question == nil, output.count < limits.outputBytesMax {
            switch advance() {
            case .moved: continue
            case .tell(let action): return action
            case .ask(let asked, let action):
                question = asked
                return action
            case .waits: break advancing
            }
        }
        if !output.isEmpty {
            let bytes = output
            output = []
            return .send(bytes)
        }
        switch phase {
        case .startingTLS(isAnnounced: false):
            phase = .startingTLS(isAnnounced: true)
            return .startTLS
        case .closing:
            phase = .closed
            return .close
        default: return nil
        }
    }

    enum Progress {
        case moved
        /// Something for the shell to know.
        case tell(Action)
        case ask(Question, Action)
        case waits
    }

    private mutating func advance() -> Progress {
        switch phase {
        case .opening, .startingTLS, .closing, .closed: return .waits
        case .command, .signIn: return advanceLine()
        case .data: return advanceData()
        case .chunk(let chunk): return advanceChunk(chunk)
        }
    }
}

extension SMTPServerMachine {
    /// Takes one line out of the input and acts on it.
    private mutating func advanceLine() -> Progress {
        let start = inputPosition
        let end = input.withUnsafeBytes { $0.firstOffset(of: ASCII.lineFeed, from: start, to: $0.count) }
        guard let end else {
            discardOverlongLine()
            return .waits
        }
        inputPosition = end + 1
        let last = end > start ? input[end - 1] : discarded?.last
        guard last == ASCII.carriageReturn else {
            refuseBareNewline("LF")
            return .moved
        }
        guard discarded == nil, isAllowed(lineBytes: end + 1 - start, from: start) else {
            let limit = discarded?.limit ?? lineBytesMax(from: start)
            discarded = nil
            phase = .command
            refuse(500, EnhancedStatusCode(5, 5, 2), "Line too long: at most \(limit) octets are taken")
            return .moved
        }
        let hasBareReturn = input.withUnsafeBytes { $0.firstOffset(of: ASCII.carriageReturn, from: start, to: end - 1) } != nil
        guard !hasBareReturn else {
            refuseBareNewline("CR")
            return .moved
        }
        let line = Array(input[start..<end - 1])
        if case .signIn(let step) = phase { return continueSignIn(step, line) }
        return perform(line)
    }

    /// Keeps the memory bounded while an over-long line comes: it is dropped up to its end, and answered there.
    private mutating func discardOverlongLine() {
        guard let last = input.last, unreadBytes > 0 else { return }
        let limit = discarded?.limit ?? lineBytesMax(from: inputPosition)
        guard discarded != nil || unreadBytes >= limit else { return }
        discarded = (last, limit)
        inputPosition = input.count
    }

    private func isAllowed(lineBytes: Int, from start: Int) -> Bool {
        // Most lines are so short that their kind does not matter.
        lineBytes <= min(limits.commandLineBytesMax, limits.authLineBytesMax) || lineBytes <= lineBytesMax(from: start)
    }

    private func lineBytesMax(from start: Int) -> Int {
        if case .signIn = phase { return limits.authLineBytesMax }
        let isAuth = input[start...].prefix(5).elementsEqual("AUTH ".utf8) { ASCII.uppercased($0) == $1 }
        return isAuth ? limits.authLineBytesMax : limits.commandLineBytesMax
    }

    /// A line end that others might read otherwise than we do is the start of command smuggling: nothing after it is looked at.
    private mutating func refuseBareNewline(_ name: String) {
        stop(SMTPReply(500, EnhancedStatusCode(5, 5, 2), "Bare \(name) in a command line: lines must end with CRLF. Closing"))
    }

    mutating func refuseSmuggledPlaintext() {
        stop(SMTPReply(554, EnhancedStatusCode(5, 5, 1), "Bytes came after STARTTLS and before the handshake. Closing"))
    }

    private mutating func advanceData() -> Progress {
        if !isContentComplete {
            guard unreadBytes > 0 else { return .waits }
            let (used, isComplete) = consumeInput(upTo: input.count)
            inputPosition += used
            isContentComplete = isComplete
        }
        guard isContentComplete else { return .waits }
        isContentComplete = false
        return finishMessage()
    }

    /// Gives the collector unread input up to the offset `end`.
    mutating func consumeInput(upTo end: Int) -> (used: Int, isComplete: Bool) {
        guard var content = transaction?.content else { return (end - inputPosition, true) }
        // Taken out meanwhile, so that it is the only owner of its bytes and appends in place.
        transaction?.content = nil
        let start = inputPosition
        let result = input.withUnsafeBytes { content.consume($0.slice(start..<end)) }
        transaction?.content = content
        return result
    }

    mutating func skipInput(_ count: Int) { inputPosition += count }

    private mutating func store(_ bytes: UnsafeRawBufferPointer) {
        if inputPosition == input.count {
            input.removeAll(keepingCapacity: input.capacity <= limits.pipelinedBytesMax)
            inputPosition = 0
        } else if inputPosition > 4096 {
            input.removeSubrange(..<inputPosition)
            inputPosition = 0
        }
        guard unreadBytes + bytes.count <= limits.unreadBytesMax else {
            stop(SMTPReply(421, EnhancedStatusCode(4, 5, 0), "Too much was sent without waiting for replies. Closing"))
            return
        }
        input.append(contentsOf: bytes)
    }

    mutating func close() {
        phase = .closing
        question = nil
        transaction = nil
        input = []
        inputPosition = 0
    }

    mutating func write(_ reply: SMTPReply, allowsUTF8: Bool = false) { reply.write(to: &output, allowsUTF8: allowsUTF8) }

    /// Refuses a command as bad; too many of them end the connection.
    mutating func refuse(_ code: Int, _ enhanced: EnhancedStatusCode, _ text: String) {
        write(SMTPReply(code, enhanced, text), allowsUTF8: transaction?.parameters.isInternationalized ?? false)
        countBadCommand()
    }

    mutating func countBadCommand() {
        badCommands += 1
        guard badCommands > limits.badCommandsMax else { return }
        stop(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many errors; closing"))
    }

    /// An answer without a question is a mistake of the shell, unless the connection ended meanwhile.
    private func preconditionIsOver() {
        switch phase {
        case .closing, .closed: return
        default: preconditionFailure("an answer that nothing asked for")
        }
    }
}
