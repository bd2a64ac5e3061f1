import MailModel
import NIOCore
import NIOEmbedded
import SMTPProtocol

@testable import SMTPTransport

/// A server handler in a channel without a socket and with a clock that the test moves.
final class EmbeddedServer {
    let channel = EmbeddedChannel()
    let log = SessionLog()
    let reads = ReadCounter()
    private(set) var session: ScriptedSession?

    init(
        timing: ScriptedSession.Timing = .atOnce, from address: String = "192.0.2.1", tls: TLSContextBox? = nil,
        _ change: (inout SMTPListenerSettings) -> Void = { _ in }
    ) throws {
        var settings = SMTPListenerSettings(machine: SMTPServerSettings(hostName: "gate.example"))
        change(&settings)
        let session = ScriptedSession(log, timing: timing)
        self.session = session
        let box = UncheckedBox(session)
        let handler = SMTPServerHandler(settings: settings, tls: tls, registry: ConnectionRegistry()) { _ in box.value }
        try channel.pipeline.syncOperations.addHandlers([reads, handler])
        try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
        channel.embeddedEventLoop.run()
    }

    func say(_ text: String) throws { try say(Array(text.utf8)) }

    func say(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    /// All that was written since the last call.
    func heard() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
}

/// Carries a value into a `@Sendable` closure that is called on the test's own thread.
struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Counts the reads that reach the socket.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
