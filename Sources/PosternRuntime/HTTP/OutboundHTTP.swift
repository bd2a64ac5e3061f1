import MailModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Makes one HTTP call to one address that was checked before: of a webhook, a token endpoint, a policy of MTA-STS, a provider's API. No redirect is followed, no name looked up, no connection kept: what it may
/// reach is decided in one place (`HTTPTarget`). Time and octets are bounded.
struct OutboundHTTP: Sendable {
    private let group: any EventLoopGroup
    private let tls: NIOSSLContext

    static let connectTimeout = TimeAmount.seconds(5)
    static let timeout = TimeAmount.seconds(15)
    /// Of the answer's body, where the call says nothing else.
    static let answerBytesMax = 65_536

    /// `trustRoots`: PEM file; nil for the system's. `extraRoots`: PEM file of certificates trusted beside them.
    init(group: any EventLoopGroup, trustRoots: String? = nil, extraRoots: String? = nil) throws {
        self.group = group
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = trustRoots.map { .file($0) } ?? .default
        if let extraRoots { configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(extraRoots))] }
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// `call`: what it may take; it sends no body.
    func get(
        _ target: HTTPTarget, at address: IPAddress, _ call: HTTPPost = HTTPPost(type: "", fields: [], body: [])
    ) async -> Result<HTTPAnswer, HTTPFault> {
        await exchange(.GET, call, to: target, at: address)
    }

    func post(_ call: HTTPPost, to target: HTTPTarget, at address: IPAddress) async -> Result<HTTPAnswer, HTTPFault> {
        await exchange(.POST, call, to: target, at: address)
    }

    /// `post` on a loop. Fails with a `HTTPFault`, or with what the system says.
    func begin(_ call: HTTPPost, to target: HTTPTarget, at address: IPAddress, on loop: any EventLoop) -> EventLoopFuture<HTTPAnswer> {
        begin(.POST, call, to: target, at: address, on: loop)
    }

    private func exchange(
        _ method: HTTPMethod, _ call: HTTPPost, to target: HTTPTarget, at address: IPAddress
    ) async -> Result<HTTPAnswer, HTTPFault> {
        do {
            return .success(try await begin(method, call, to: target, at: address, on: group.next()).get())
        } catch let fault as HTTPFault {
            return .failure(fault)
        } catch {
            return .failure(HTTPFault(error))
        }
    }

    private func begin(
        _ method: HTTPMethod, _ call: HTTPPost, to target: HTTPTarget, at address: IPAddress, on loop: any EventLoop
    ) -> EventLoopFuture<HTTPAnswer> {
        let answer = loop.makePromise(of: HTTPAnswer.self)
        let tls = target.isEncrypted ? tls : nil
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(min(OutboundHTTP.connectTimeout, call.timeout)).channelInitializer {
            channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    var name: String?
                    if case .name = target.host { name = target.hostText }
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                }
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(HTTPExchange(method, call, target, answer: answer))
            }
        }
        do {
            let remote = try SocketAddress(ipAddress: "\(address)", port: target.port)
            bootstrap.connect(to: remote).whenFailure { answer.fail($0) }
        } catch {
            answer.fail(error)
        }
        return answer.futureResult
    }
}

extension HTTPFault {
    fileprivate init(_ error: any Error) {
        self.init(text: "\(error)", isCertificate: error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError)
    }
}

/// One request with a body.
struct HTTPPost: Sendable {
    /// Of the body.
    var type: String
    var fields: [(name: String, value: String)]
    var body: [UInt8]
    /// From the begin of the connection to the end of the answer.
    var timeout = OutboundHTTP.timeout
    /// Of the answer's body.
    var answerBytesMax = OutboundHTTP.answerBytesMax
}

struct HTTPAnswer: Hashable, Sendable {
    var status: Int
    /// At most the call's `answerBytesMax` octets.
    var body: [UInt8]
    /// Seconds; nil where it was not said, or as a date.
    var retryAfter: Int?
    /// Of the body, as the answer says it.
    var type: String?
    /// True where the body was longer.
    var isCut = false
}

/// One request and its answer on one connection, on its event loop.
private final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let method: HTTPMethod
    private let call: HTTPPost
    private let target: HTTPTarget
    private let answer: EventLoopPromise<HTTPAnswer>
    private var received: HTTPAnswer?
    private var isDone = false
    private var timer: Scheduled<Void>?

    init(_ method: HTTPMethod, _ call: HTTPPost, _ target: HTTPTarget, answer: EventLoopPromise<HTTPAnswer>) {
        self.method = method
        self.call = call
        self.target = target
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let answer = answer
        timer = context.eventLoop.scheduleTask(in: call.timeout) {
            answer.fail(HTTPFault(text: "no answer in time"))
            channel.close(promise: nil)
        }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: target.path)
        head.headers = [
            "Host": target.hostField, "Connection": "close", "User-Agent": "Postern/\(PosternVersion.text)",
        ]
        if method == .POST {
            head.headers.add(name: "Content-Type", value: call.type)
            head.headers.add(name: "Content-Length", value: "\(call.body.count)")
        }
        for (name, value) in call.fields { head.headers.add(name: name, value: value) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: call.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            received = HTTPAnswer(
                status: Int(head.status.code), body: [], retryAfter: head.headers.first(name: "Retry-After").flatMap { Int($0) },
                type: head.headers.first(name: "Content-Type"))
        case .body(let part):
            let room = call.answerBytesMax - (received?.body.count ?? 0)
            received?.body += part.readableBytesView.prefix(room)
            if part.readableBytes > room {
                received?.isCut = true
                end(context)
            }
        case .end: end(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that leaves without ending TLS has answered all the same.
        if received == nil { finish(.failure(HTTPFault(error))) }
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        finish(received.map { .success($0) } ?? .failure(HTTPFault(text: "the connection ended without an answer")))
        context.close(promise: nil)
    }

    private func finish(_ result: Result<HTTPAnswer, any Error>) {
        guard !isDone else { return }
        isDone = true
        timer?.cancel()
        answer.completeWith(result)
    }
}
