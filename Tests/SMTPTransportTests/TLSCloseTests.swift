import NIOCore
import NIOEmbedded
import NIOSSL
import OwnThreads
import Testing

@testable import SMTPTransport

@Suite("The end of a TLS connection", .ownThreads)
struct TLSCloseTests {
    /// Closes one side as a socket does; `EmbeddedChannel` would close both.
    private final class HalfClosing: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
        }
    }

    /// A server and a client whose octets the test carries over; no clock runs.
    private struct Pair {
        let server: EmbeddedServer
        let client = EmbeddedChannel()

        init() throws {
            let certificate = try TestCertificate(host: "localhost")
            let box = try TLSContextBox(
                certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: false)
            server = try EmbeddedServer(tls: box) { $0.implicitTLS = true }
            // As the listener sets it.
            server.channel.allowRemoteHalfClosure = true
            try server.channel.pipeline.syncOperations.addHandler(HalfClosing(), position: .first)
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            let handler = try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
            try client.pipeline.syncOperations.addHandler(handler)
            try client.connect(to: SocketAddress(ipAddress: "192.0.2.2", port: 465)).wait()
            try carry()
        }

        /// Until neither side has anything more to send.
        func carry() throws {
            while try carryToServer() || carryToClient() {}
        }

        @discardableResult
        func carryToServer() throws -> Bool {
            var hasMoved = false
            while let octets = try client.readOutbound(as: ByteBuffer.self) {
                hasMoved = true
                try server.channel.writeInbound(octets)
            }
            server.channel.embeddedEventLoop.run()
            return hasMoved
        }

        private func carryToClient() throws -> Bool {
            var hasMoved = false
            while let octets = try server.channel.readOutbound(as: ByteBuffer.self) {
                hasMoved = true
                try client.writeInbound(octets)
            }
            return hasMoved
        }
    }

    @Test func `a client that closes after QUIT, without ending TLS, is gone at once`() throws {
        let pair = try Pair()
        try pair.client.writeOutbound(ByteBuffer(string: "QUIT\r\n"))
        try pair.carryToServer()
        #expect(pair.server.channel.isActive)
        pair.server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!pair.server.channel.isActive)
        #expect(pair.server.log.events.last == "closed")
    }

    @Test func `a client that is gone leaves no handler of TLS waiting`() throws {
        let pair = try Pair()
        weak let handler = try pair.server.channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        #expect(handler != nil)
        try pair.client.writeOutbound(ByteBuffer(string: "QUIT\r\n"))
        try pair.carryToServer()
        pair.server.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        pair.server.channel.embeddedEventLoop.run()
        #expect(handler == nil)
    }

    @Test func `an abort does not wait for the client`() throws {
        let pair = try Pair()
        pair.server.session?.connection?.abort()
        #expect(!pair.server.channel.isActive)
    }
}
