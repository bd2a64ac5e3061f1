import MailModel
import NIOCore
import SMTPProtocol

/// Stands before the SMTP client until a proxy has made the connection to the host; then it is as if that had been made at once.
///
/// `@unchecked`: a handler belongs to the event loop of its channel and is touched nowhere else.
final class ProxyHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        case talking(SOCKSHandshake)
        case over
    }

    private let proxy: ClientProxy
    private let target: IPAddress
    private let port: Int
    private let timeout: TimeAmount
    private let failed: (String) -> Void
    private var state = State.idle
    private var timer: Scheduled<Void>?

    /// `failed` is told why there is no connection, once; the channel closes then.
    init(_ proxy: ClientProxy, to target: IPAddress, port: Int, timeout: TimeAmount, failed: @escaping (String) -> Void) {
        self.proxy = proxy
        self.target = target
        self.port = port
        self.timeout = timeout
        self.failed = failed
    }

    func channelActive(context: ChannelHandlerContext) {
        switch proxy.kind {
        case .haproxy(let source):
            send(ProxyPreface.version2(from: source, to: target, port: port), context)
            pass(context, rest: [])
        case .socks5(let credentials):
            var known: (name: String, password: String)?
            if let credentials, case .password(let password) = credentials.secret { known = (credentials.name, password) }
            let handshake = SOCKSHandshake(target: target, port: port, credentials: known)
            send(handshake.greeting, context)
            state = .talking(handshake)
            let channel = context.channel
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
                self?.end("no answer in time")
                channel.close(promise: nil)
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .talking(var handshake) = state else { return context.fireChannelRead(data) }
        let step = handshake.received(unwrapInboundIn(data).readableBytesView)
        state = .talking(handshake)
        switch step {
        case .wait: break
        case .send(let octets): send(octets, context)
        case .done(let rest): pass(context, rest: rest)
        case .failed(let text):
            end(text)
            context.close(promise: nil)
        }
    }

    /// What is behind has read nothing while the proxy speaks, and its clock does not run yet.
    func channelReadComplete(context: ChannelHandlerContext) {
        if case .over = state { context.fireChannelReadComplete() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("it closed the connection")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end("\(error)")
        context.fireErrorCaught(error)
    }

    private func send(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)), promise: nil)
    }

    private func pass(_ context: ChannelHandlerContext, rest: [UInt8]) {
        state = .over
        timer?.cancel()
        context.fireChannelActive()
        guard !rest.isEmpty else { return }
        context.fireChannelRead(NIOAny(ByteBuffer(bytes: rest)))
        context.fireChannelReadComplete()
    }

    private func end(_ text: String) {
        timer?.cancel()
        if case .over = state { return }
        state = .over
        failed(text)
    }
}
