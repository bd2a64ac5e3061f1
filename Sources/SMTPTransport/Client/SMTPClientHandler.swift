import MailModel
import NIOCore
import NIOSSL
import NIOTLS
import SMTPProtocol

/// Drives one `SMTPClientMachine`: octets in, actions performed, the owner told. The loop is that of `SMTPServerHandler`.
///
/// `@unchecked`: a handler belongs to the event loop of its channel and is touched nowhere else.
final class SMTPClientHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Handshake { case none, implicit, startTLS }

    private let settings: SMTPClientConnectionSettings
    private var machine: SMTPClientMachine
    private var owner: (any SMTPClientOwner)?
    /// Holds the connection until it is gone.
    var connection: SMTPClientConnection?
    private var context: ChannelHandlerContext?

    private var handshake = Handshake.none
    private var verdict: VerdictBox?
    private var hello: ServerHelloReader?
    private var isPumping = false
    /// The machine has said its last word, or may not say more.
    private var isFinished = false
    private var output: ByteBuffer?

    private var alarm: LazyAlarm?
    /// When the stage that runs now began, or its last reply line came.
    private var stageStart = NIODeadline.uptimeNanoseconds(0)
    /// Portions of a large content that the network has not taken yet.
    private var portionsUnwritten = 0
    private var hasConnected = false

    init(_ settings: SMTPClientConnectionSettings, owner: any SMTPClientOwner) {
        self.settings = settings
        self.owner = owner
        var machineSettings = settings.machine
        machineSettings.tls = settings.machineTLS
        machine = SMTPClientMachine(settings: machineSettings)
    }

    var isReady: Bool { !isFinished && machine.isReady }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        alarm = LazyAlarm(context.eventLoop) { [weak self] in self?.lookedAtClock() }
        // Behind a proxy the connection stands once that says so.
        if context.channel.isActive, settings.proxy == nil { connected(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        connected(context)
        context.fireChannelActive()
    }

    private func connected(_ context: ChannelHandlerContext) {
        if isFinished { return context.close(promise: nil) }
        guard !hasConnected else { return }
        hasConnected = true
        connection?.facts.address = settings.proxy == nil ? IPAddress(context.remoteAddress) ?? settings.address : settings.address
        stageStart = context.eventLoop.now
        if settings.implicitTLS {
            addTLS(context, .implicit)
            alarm?.set(for: stageStart + TimeAmount(settings.connectTimeout))
        } else {
            machine.connected()
            pump()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeEnded("the connection was closed within the TLS handshake")
        if !isFinished {
            machine.closedByPeer()
            pump()
        }
        gone()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isFinished else { return }
        // A line starts the stage's time anew; single octets do not.
        if buffer.readableBytesView.contains(0x0A) { stageStart = context.eventLoop.now }
        buffer.withUnsafeReadableBytes { machine.received($0) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        pump()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { secured(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handshakeEnded(tlsErrorWords(error))
        context.close(promise: nil)
    }
}

// MARK: - What the owner says

extension SMTPClientHandler {
    func begin(_ transaction: ClientTransaction) {
        precondition(machine.isReady, "begin needs a connection that is ready")
        // A connection that closed this moment says so with the transaction's results.
        guard !isFinished, let context else { return }
        stageStart = context.eventLoop.now
        machine.begin(transaction)
        pump()
    }

    func quit() {
        guard !isFinished else { return }
        guard let context, context.channel.isActive, handshake == .none else { return abort() }
        stageStart = context.eventLoop.now
        machine.quit()
        pump()
    }

    func abort() {
        isFinished = true
        // Without a channel the connect is under way; `channelActive` closes, or `connectFailed` ends it.
        context?.close(promise: nil)
    }

    func connectFailed(_ failure: DeliveryFailure) {
        report(failure)
        gone()
    }

    /// The channel closes by itself.
    func proxyFailed(_ failure: DeliveryFailure) { report(failure) }

    private func report(_ failure: DeliveryFailure) {
        guard !isFinished, let connection else { return }
        isFinished = true
        owner?.failed(connection, failure)
    }

    private func gone() {
        isFinished = true
        alarm?.cancel()
        let (owner, connection) = (owner, connection)
        self.owner = nil
        self.connection = nil
        if let connection { owner?.closed(connection) }
    }
}

// MARK: - TLS

extension SMTPClientHandler {
    private func addTLS(_ context: ChannelHandlerContext, _ kind: Handshake) {
        handshake = kind
        do {
            let isAddress = IPAddress(settings.host) != nil
            let verdict = VerdictBox()
            let handler = try settings.tlsContexts.makeHandler(settings.tls, host: settings.host, isAddress: isAddress, verdict: verdict)
            let hello = ServerHelloReader()
            self.verdict = verdict
            self.hello = hello
            try context.pipeline.syncOperations.addHandlers([hello, handler], position: .first)
        } catch {
            handshakeEnded(tlsErrorWords(error))
            context.close(promise: nil)
        }
    }

    private func secured(_ context: ChannelHandlerContext) {
        let kind = handshake
        guard kind != .none, !isFinished else { return }
        handshake = .none
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        connection?.facts.tlsVersion = TLSFacts.name(handler?.tlsVersion)
        noteTLS()
        if let hello { context.pipeline.syncOperations.removeHandler(hello).whenFailure { _ in } }
        hello = nil
        stageStart = context.eventLoop.now
        if kind == .implicit { machine.connected() } else { machine.tlsEstablished() }
        pump()
    }

    private func noteTLS() {
        var detail = TLSDetail(cipher: hello?.cipher, demand: settings.demand)
        switch verdict?.verdict {
        case .good(let trust)?: detail.trust = trust
        case .bad(let fault, let reason)?:
            detail.fault = fault
            detail.reason = reason
        case nil: break
        }
        connection?.facts.tls = detail
        connection?.facts.tlsVerified = detail.trust != .none
    }

    /// The handshake that runs, if one does, came to nothing.
    private func handshakeEnded(_ reason: String) {
        let kind = handshake
        handshake = .none
        var reason = reason
        if kind != .none {
            noteTLS()
            if let fault = connection?.facts.tls?.fault {
                reason = fault.words
            } else {
                connection?.facts.tls?.fault = .validationFailure
                connection?.facts.tls?.reason = reason
            }
        }
        switch kind {
        case .none: break
        case .implicit:
            let text = "TLS handshake with \(settings.host) failed: \(reason)"
            report(.local(451, EnhancedStatusCode(4, 7, 5), text, scope: .host, stage: .startTLS))
        case .startTLS:
            guard !isFinished else { return }
            machine.tlsFailed(reason)
            pump()
        }
    }

    private func tlsErrorWords(_ error: any Error) -> String {
        switch error {
        case NIOSSLError.handshakeFailed(let cause): "\(cause)"
        case is NIOSSLExtraError: "the certificate is not for the host's name"
        case NIOSSLError.uncleanShutdown: "the connection was closed within the TLS handshake"
        default: "\(error)"
        }
    }
}

// MARK: - The loop

extension SMTPClientHandler {
    private func pump() {
        guard !isPumping, !isFinished, let context else { return }
        isPumping = true
        while !isFinished, let action = machine.next() { perform(action, context) }
        isPumping = false
        flush(context)
        if !isFinished { watchStage(context) }
    }

    private func perform(_ action: SMTPClientMachine.Action, _ context: ChannelHandlerContext) {
        guard let connection else { return }
        stageStart = context.eventLoop.now
        switch action {
        case .send(let bytes):
            if output == nil {
                output = context.channel.allocator.buffer(bytes: bytes)
            } else {
                output?.writeBytes(bytes)
            }
        case .startTLS:
            flush(context)
            addTLS(context, .startTLS)
        case .ready(let capabilities):
            notePlaintext(connection)
            owner?.ready(connection, capabilities)
        case .finished(let results, let isReusable): owner?.finished(connection, results, isReusable: isReusable)
        case .failed(let failure):
            if failure.stage == .startTLS { notePlaintext(connection) }
            owner?.failed(connection, failure)
        case .close: finish(context)
        }
    }

    /// The connection had no TLS, though it would have used it.
    private func notePlaintext(_ connection: SMTPClientConnection) {
        guard connection.facts.tls == nil, settings.tls != .none else { return }
        connection.facts.tls = TLSDetail(demand: settings.demand, fault: .starttlsNotSupported)
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard let bytes = output else { return }
        output = nil
        if bytes.readableBytes > SMTPClientHandler.portionBytes {
            writeInPortions(bytes, context)
        } else {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }

    private static let portionBytes = 262_144

    /// So that it can be seen whether a large content moves: the wait for a reply begins when the last of it is written.
    private func writeInPortions(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        var rest = bytes
        while let portion = rest.readSlice(length: min(SMTPClientHandler.portionBytes, rest.readableBytes)), portion.readableBytes > 0 {
            portionsUnwritten += 1
            context.write(wrapOutboundOut(portion)).assumeIsolated().whenComplete { [weak self] _ in
                guard let self else { return }
                portionsUnwritten -= 1
                stageStart = context.eventLoop.now
            }
        }
        context.flush()
    }

    /// Closes once what was written is out, at the latest after five seconds.
    private func finish(_ context: ChannelHandlerContext) {
        isFinished = true
        alarm?.set(for: context.eventLoop.now + .seconds(5))
        let rest = output ?? context.channel.allocator.buffer(capacity: 0)
        output = nil
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(rest)).assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
    }
}

// MARK: - Time

extension SMTPClientHandler {
    /// A connection that is ready waits for its owner, who decides how long to keep it.
    private func watchStage(_ context: ChannelHandlerContext) {
        if !machine.isReady { alarm?.set(for: stageStart + stageTimeout) }
    }

    private var stageTimeout: TimeAmount {
        TimeAmount(portionsUnwritten > 0 ? settings.machine.timeouts.dataBlock : machine.timeout)
    }

    private func lookedAtClock() {
        guard let context else { return }
        if isFinished { return context.close(promise: nil) }
        if handshake == .implicit {
            handshakeEnded("no end of it within \(settings.connectTimeout)")
            return context.close(promise: nil)
        }
        guard !machine.isReady else { return }
        if context.eventLoop.now - stageStart < stageTimeout { return watchStage(context) }
        handshake = .none
        machine.timedOut()
        pump()
    }
}
