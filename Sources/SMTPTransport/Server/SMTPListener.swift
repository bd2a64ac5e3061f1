package import MailModel
package import NIOCore
import NIOPosix
import Synchronization

/// A listening socket with its connections.
package final class SMTPListener: Sendable {
    private let channel: any Channel
    private let registry: ConnectionRegistry
    private let settings: SettingsBox

    /// What new connections are begun with.
    private final class SettingsBox: Sendable {
        let current: Mutex<SMTPListenerSettings>
        init(_ settings: SMTPListenerSettings) { current = Mutex(settings) }
    }

    private init(channel: any Channel, registry: ConnectionRegistry, settings: SettingsBox) {
        self.channel = channel
        self.registry = registry
        self.settings = settings
    }

    /// Binds and accepts. `tls`: nil where neither STARTTLS nor implicit TLS is offered. `makeSession` is called on the connection's loop.
    /// Throws what the system says where the address cannot be bound.
    package static func start(
        _ settings: SMTPListenerSettings, group: any EventLoopGroup, tls: TLSContextBox?,
        makeSession: @escaping @Sendable (any EventLoop) -> any SMTPServerSession
    ) async throws -> SMTPListener {
        let registry = ConnectionRegistry()
        let box = SettingsBox(settings)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: settings.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let settings = box.current.withLock { $0 }
                return channel.eventLoop.makeCompletedFuture {
                    // A script that pipes its commands in and closes its side still gets its answers. Set here, since each option of the
                    // bootstrap costs a future for each connection.
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
                    try channel.syncOptions?.setOption(.recvAllocator, value: SMTPListener.readSizes)
                    let handler = SMTPServerHandler(settings: settings, tls: tls, registry: registry, makeSession: makeSession)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel = try await bootstrap.bind(host: settings.host, port: settings.port).get()
        return SMTPListener(channel: channel, registry: registry, settings: box)
    }

    /// A message of the usual size comes in one or two reads: the library's own allocator shrinks to 64 octets with the commands before it.
    private static let readSizes = AdaptiveRecvByteBufferAllocator(minimum: 8192, initial: 8192, maximum: 65_536)

    /// The port that was bound.
    package var localPort: Int { channel.localAddress?.port ?? 0 }

    /// Connections that are open now.
    package var connectionCount: Int { registry.count }

    /// New connections are begun with these; those that stand keep what they were told. The socket stays: address, port, backlog and whether
    /// TLS comes first do not change.
    package func replace(_ new: SMTPListenerSettings) { settings.current.withLock { $0 = new } }

    /// Takes no more connections; those that stand go on.
    package func stopAccepting() async {
        // An error here means that the socket is closed already.
        try? await channel.close().get()
    }

    /// Sends each client the reply (421) as soon as we owe it no answer, and closes.
    package func drain(_ reply: SMTPReply) {
        for connection in registry.all { connection.eventLoop.execute { connection.drain(reply) } }
    }

    /// Stops accepting and closes every connection without a word.
    package func close() async {
        await stopAccepting()
        for connection in registry.all { connection.eventLoop.execute { connection.abort() } }
    }
}
