import MailModel
import NIOCore
import NIOPosix
import ProviderTwin
import Synchronization

/// The zone of a twin's world, behind one lock.
final class TwinNames: Sendable {
    private let state: Mutex<TwinZone>

    init(_ zone: TwinZone) { state = Mutex(zone) }

    var zone: TwinZone { state.withLock { $0 } }

    func change<Result: Sendable>(_ body: (inout sending TwinZone) -> sending Result) -> Result { state.withLock { body(&$0) } }
}

/// Answers DNS over UDP from the zone; nothing else is asked.
struct TwinDNSServer: Sendable {
    private let channel: any Channel
    let port: Int

    /// Throws where the port cannot be bound.
    static func start(_ names: TwinNames, host: String, port: Int, group: any EventLoopGroup) async throws -> TwinDNSServer {
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(TwinDNSHandler(names)) }
            }.bind(host: host, port: port).get()
        return TwinDNSServer(channel: channel, port: channel.localAddress?.port ?? 0)
    }

    func close() async { try? await channel.close() }
}

private final class TwinDNSHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let names: TwinNames

    init(_ names: TwinNames) { self.names = names }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let asked = unwrapInboundIn(data)
        guard let answer = TwinNameServer.answer(Array(asked.data.readableBytesView), from: names.zone) else { return }
        context.writeAndFlush(
            wrapOutboundOut(AddressedEnvelope(remoteAddress: asked.remoteAddress, data: ByteBuffer(bytes: answer))), promise: nil)
    }

    /// A client that is gone answers with an error that is about it alone.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
