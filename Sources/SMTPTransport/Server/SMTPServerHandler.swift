import MailModel
import NIOCore
import NIOSSL
import NIOTLS
import SMTPProtocol

/// Drives one `SMTPServerMachine`: octets in, actions performed, questions handed to the session.
///
/// One loop pulls actions, and an answer given from within a question only feeds it, so there is no recursion. What the machine wants sent
/// is gathered and written once for each turn of that loop. Reading stops while the machine has enough to work on, and while the client
/// does not read what we sent.
final class SMTPServerHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Greeting { case awaited, allowed, done }

    let settings: SMTPListenerSettings
    private let tls: TLSContextBox?
    private let registry: ConnectionRegistry
    private let makeSession: @Sendable (any EventLoop) -> any SMTPServerSession

    private var machine: SMTPServerMachine
    private var context: ChannelHandlerContext?
    private var connection: SMTPServerConnection?
    private var session: (any SMTPServerSession)?

    /// Not nil until the PROXY header is complete.
    private var proxyBytes: ByteBuffer?
    private var greeting = Greeting.awaited
    private var refusal: SMTPReply?
    private var isHandshaking = false
    private var isPumping = false
    /// Nothing more is read or asked; what was written may still go out.
    private var isFinished = false
    private var isInputClosed = false
    private var stopWhenAnswered: SMTPReply?

    private var output: ByteBuffer?
    private var isReadHeldBack = false

    private var pace = ConnectionPace()
    private var alarm: LazyAlarm?

    /// `tls`: nil where the listener has no certificate; the machine's settings must then not offer STARTTLS.
    init(
        settings: SMTPListenerSettings, tls: TLSContextBox?, registry: ConnectionRegistry,
        makeSession: @escaping @Sendable (any EventLoop) -> any SMTPServerSession
    ) {
        precondition(!settings.implicitTLS || tls != nil)
        self.settings = settings
        self.tls = tls
        self.registry = registry
        self.makeSession = makeSession
        let openedAt = settings.machine.futureReleaseMax == nil ? nil : Timestamp.wallClock
        machine = SMTPServerMachine(settings: settings.machine, isEncrypted: settings.implicitTLS, openedAt: openedAt)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { connected(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        connected(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isFinished = true
        alarm?.cancel()
        if let connection {
            connection.handler = nil
            registry.remove(connection)
        }
        let session = session
        self.session = nil
        session?.closed()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !isFinished else { return }
        pace.received(buffer.readableBytes, at: context.eventLoop.now)
        if proxyBytes != nil {
            proxyBytes?.writeBuffer(&buffer)
            readProxyHeader(context)
        } else {
            buffer.withUnsafeReadableBytes { machine.received($0) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if pace.bytes > settings.sessionBytesMax, greeting == .done, !machine.isAwaitingDecision {
            stopped(SMTPReply(421, EnhancedStatusCode(4, 4, 5), "Too much for one connection, connect again"))
        }
        pump()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { isReadHeldBack = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            secured(context)
        } else if case .inputClosed = event as? ChannelEvent {
            isInputClosed = true
            if isFinished { aborted() } else { pump() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A reset, a failed handshake, a TLS stream cut short: nothing can be said any more.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { aborted() }
}

// MARK: - Opening

extension SMTPServerHandler {
    private func connected(_ context: ChannelHandlerContext) {
        guard connection == nil else { return }
        let connection = SMTPServerConnection(eventLoop: context.eventLoop)
        connection.handler = self
        // The channel's is remembered; the context's would ask the system again.
        let address = context.channel.remoteAddress
        connection.remoteAddress = IPAddress(address)
        connection.remotePort = address?.port
        self.connection = connection
        registry.insert(connection)
        pace = ConnectionPace(startingAt: context.eventLoop.now)
        alarm = LazyAlarm(context.eventLoop) { [weak self] in self?.lookedAtClock() }
        if let address = connection.remoteAddress, settings.proxyNetworks.contains(where: { $0.contains(address) }) {
            proxyBytes = context.channel.allocator.buffer(capacity: 128)
            alarm?.set(for: context.eventLoop.now + TimeAmount(settings.handshakeTimeout))
        } else {
            open(context, connection)
        }
    }

    private func readProxyHeader(_ context: ChannelHandlerContext) {
        guard var bytes = proxyBytes, let connection else { return }
        switch bytes.withUnsafeReadableBytes({ ProxyHeader.parse($0) }) {
        case .incomplete: break
        // Without the header nobody is there who could be told.
        case .invalid: aborted()
        case .complete(let source, let port, let consumed):
            connection.remoteAddress = source
            connection.remotePort = port
            proxyBytes = nil
            bytes.moveReaderIndex(forwardBy: consumed)
            open(context, connection)
            // From the front of the pipeline, where TLS may stand now.
            if bytes.readableBytes > 0 { context.pipeline.fireChannelRead(bytes) }
        }
    }

    private func open(_ context: ChannelHandlerContext, _ connection: SMTPServerConnection) {
        if settings.implicitTLS { addTLS(context) }
        let session = makeSession(context.eventLoop)
        self.session = session
        alarm?.set(for: context.eventLoop.now + TimeAmount(isHandshaking ? settings.handshakeTimeout : settings.idleTimeout))
        session.opened(connection)
    }

    private func addTLS(_ context: ChannelHandlerContext) {
        guard let tls else {
            aborted()
            return
        }
        isHandshaking = true
        alarm?.set(for: context.eventLoop.now + TimeAmount(settings.handshakeTimeout))
        do {
            try context.pipeline.syncOperations.addHandler(tls.makeHandler(), position: .first)
        } catch {
            aborted()
        }
    }

    private func secured(_ context: ChannelHandlerContext) {
        guard isHandshaking, !isFinished, let connection, let session else { return }
        guard let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self) else { return aborted() }
        isHandshaking = false
        let facts = TLSFacts(handler)
        connection.tls = facts
        pace.progressed(at: context.eventLoop.now)
        session.secured(connection, tls: facts)
        if greeting == .done { machine.tlsEstablished() }
        greetIfReady()
        pump()
    }

    private func greetIfReady() {
        guard !isHandshaking, !isFinished, greeting != .done else { return }
        if let refusal {
            greeting = .done
            machine.stop(refusal)
        } else if greeting == .allowed {
            greeting = .done
            machine.greet()
        }
    }
}

// MARK: - What the session asks

extension SMTPServerHandler {
    var clientName: String? { machine.clientName }
    var saysEHLO: Bool { machine.saysEHLO }
    var isInTransaction: Bool { machine.isInTransaction }
}

// MARK: - What the session says

extension SMTPServerHandler {
    func accepted() {
        guard greeting == .awaited else { return }
        greeting = .allowed
        greetIfReady()
        pump()
    }

    func answered(_ reply: SMTPReply) {
        guard !isFinished, machine.isAwaitingDecision else { return }
        machine.answer(reply)
        decided()
    }

    func answeredSignIn(_ reply: SMTPReply) {
        guard !isFinished, machine.isAwaitingDecision else { return }
        machine.answerSignIn(reply)
        decided()
    }

    private func decided() {
        if let context { pace.progressed(at: context.eventLoop.now) }
        if let reply = stopWhenAnswered {
            stopWhenAnswered = nil
            machine.stop(reply)
        }
        pump()
    }

    func stopped(_ reply: SMTPReply) {
        guard !isFinished else { return }
        if greeting == .done {
            machine.stop(reply)
        } else {
            refusal = reply
            greetIfReady()
        }
        pump()
    }

    func drained(_ reply: SMTPReply) {
        guard greeting == .done, machine.isAwaitingDecision else { return stopped(reply) }
        stopWhenAnswered = reply
    }

    /// Below TLS where it is there: that would wait some seconds for the client's own word of the end, which few send.
    func aborted() {
        isFinished = true
        guard let context else { return }
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? context).close(promise: nil)
    }
}

// MARK: - The loop

extension SMTPServerHandler {
    private func pump() {
        guard !isPumping, greeting == .done, let context else { return }
        isPumping = true
        var hasProgress = false
        while !isFinished, let action = machine.next() {
            hasProgress = true
            perform(action, context)
        }
        isPumping = false
        boundContent()
        if hasProgress { pace.progressed(at: context.eventLoop.now) }
        guard !isFinished else { return }
        flush(context)
        if isInputClosed, !machine.isAwaitingDecision { return finish(context) }
        resumeReading()
    }

    private func boundContent() {
        let bytes = machine.contentBytes
        if bytes > 0, let session, !session.contentGrew(to: bytes) { machine.contentRefused() }
    }

    private func perform(_ action: SMTPServerMachine.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let bytes):
            if output == nil {
                output = context.channel.allocator.buffer(bytes: bytes)
            } else {
                output?.writeBytes(bytes)
            }
        case .startTLS:
            // What is written so far is past the place where TLS will stand.
            flush(context)
            addTLS(context)
        case .signIn(let request): session?.signIn(request)
        case .mail(let reversePath, let parameters): session?.mail(reversePath, parameters)
        case .recipient(let recipient): session?.recipient(recipient)
        case .refused(let command): session?.refused(command)
        case .dataStarting(let declaredBytes): session?.dataStarting(declaredBytes: declaredBytes)
        case .message(let message): session?.message(message)
        case .close: finish(context)
        }
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard let bytes = output else { return }
        output = nil
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Ends the connection once all that was written is out; the alarm does where the client does not read.
    ///
    /// Closing with octets unread would reset the connection and could take our last reply with it, so only our side is closed, and what
    /// still comes is dropped until the client closes too. In plaintext a client that has said QUIT sends nothing more. In TLS it may still
    /// send its own word of the end; and a handler of TLS that is told to close both sides stays in memory for five seconds.
    private func finish(_ context: ChannelHandlerContext) {
        guard !isFinished else { return }
        isFinished = true
        let rest = output ?? context.channel.allocator.buffer(capacity: 0)
        output = nil
        let channel = context.channel
        let mode = isInputClosed || machine.hasQuit && connection?.isEncrypted != true ? CloseMode.all : .output
        context.writeAndFlush(wrapOutboundOut(rest)).assumeIsolated().whenComplete { _ in channel.close(mode: mode, promise: nil) }
        // Most are gone by now.
        guard channel.isActive else { return }
        alarm?.set(for: channel.eventLoop.now + TimeAmount(settings.lingerTimeout))
        resumeReading()
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        if isFinished || isHandshaking || proxyBytes != nil { return true }
        return greeting == .done && context.channel.isWritable && machine.wantsInput
    }

    private func resumeReading() {
        guard isReadHeldBack, let context, mayRead(context) else { return }
        isReadHeldBack = false
        context.read()
    }
}

// MARK: - Time

extension SMTPServerHandler {
    /// The alarm rang; it is set by guess and not with each read, so often there is nothing to do but to set it again.
    private func lookedAtClock() {
        guard let context else { return }
        let now = context.eventLoop.now
        if isFinished || isHandshaking || proxyBytes != nil { return aborted() }
        let isOurTurn = greeting != .done || machine.isAwaitingDecision
        switch pace.verdict(at: now, settings, isOurTurn: isOurTurn, isWritable: context.channel.isWritable) {
        case .fine(let next): alarm?.set(for: next)
        case .notReading: aborted()
        case .idle: timeOut("Nothing came for too long, closing", context)
        case .tooSlow: timeOut("Too slow, closing", context)
        case .tooLong: timeOut("This connection is open for too long, connect again", context)
        }
    }

    private func timeOut(_ text: String, _ context: ChannelHandlerContext) {
        stopped(SMTPReply(421, EnhancedStatusCode(4, 4, 2), text))
        if !isFinished { alarm?.set(for: context.eventLoop.now + TimeAmount(settings.lingerTimeout)) }
    }
}
