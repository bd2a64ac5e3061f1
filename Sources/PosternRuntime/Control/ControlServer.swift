import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Takes operations from the command line on the same machine, over a socket in the data directory that only the gate's user and root can open.
struct ControlServer: Service {
    private let administration: Administration
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let requestTimeout: Duration
    private let onReady: @Sendable () -> Void

    /// `requestTimeout`: for the client to say what it wants.
    init(
        administration: Administration, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        requestTimeout: Duration = ControlLimits.requestTimeout, onReady: @escaping @Sendable () -> Void
    ) {
        self.administration = administration
        self.logger = logger
        self.now = now
        self.requestTimeout = requestTimeout
        self.onReady = onReady
    }

    func run() async throws {
        let path = ControlAddress.path(administration.dataDirectory)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        guard chmod(path, 0o600) == 0 else { throw FileError(operation: "set the mode of", path: path, code: errno) }
        onReady()
        await withGracefulShutdownHandler {
            await serve(server)
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
        unlink(path)
    }

    private func serve(_ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async {
        let open = OpenCount()
        do {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        guard open.value.add(1, ordering: .relaxed).newValue <= ControlLimits.connectionsMax else {
                            open.value.subtract(1, ordering: .relaxed)
                            connection.channel.close(promise: nil)
                            continue
                        }
                        group.addTask {
                            await answer(connection)
                            open.value.subtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        } catch {
            logger.error("control socket failed", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let deadline = connection.channel.eventLoop.scheduleTask(in: .seconds(requestTimeout.components.seconds)) {
            connection.channel.close(promise: nil)
        }
        do {
            let actor = try await peerName(of: connection.channel)
            try await connection.executeThenClose { inbound, outbound in
                var input = inbound.makeAsyncIterator()
                guard let line = try await ControlLine.read(&input, bytesMax: ControlLimits.requestBytesMax) else { return }
                deadline.cancel()
                try await outbound.write(ByteBuffer(bytes: try JSONText.data(await response(to: line, actor: actor)) + [0x0A]))
                // Closing would drop what the client has not taken yet; it closes once it has the whole line.
                let patience = connection.channel.eventLoop.scheduleTask(in: .seconds(ControlLimits.responseTimeout.components.seconds)) {
                    connection.channel.close(promise: nil)
                }
                defer { patience.cancel() }
                while try await input.next() != nil {}
            }
        } catch {
            logger.debug("control connection failed", metadata: ["error": "\(error)"])
        }
        deadline.cancel()
    }

    private func response(to line: Data, actor: String) async -> ControlResponse {
        do {
            let request = try JSONText.decode(ControlRequest.self, from: line)
            let act = Act(actor: actor, reason: request.reason, at: now())
            logger.debug("control request", metadata: ["operation": "\(request.operation)", "actor": "\(actor)"])
            let outcome = try await OperationRegistry.perform(
                request.operation, json: Data(request.fields.utf8), in: administration, act)
            return ControlResponse(outcome: String(decoding: outcome, as: UTF8.self), error: nil)
        } catch let error as AdministrationError {
            return ControlResponse(outcome: nil, error: error)
        } catch {
            logger.error("operation failed", metadata: ["error": "\(error)"])
            return ControlResponse(outcome: nil, error: AdministrationError(.failed, "\(error)"))
        }
    }

    /// `local:name` of the process on the other side, by the kernel's word.
    private func peerName(of channel: any Channel) async throws -> String {
        guard let provider = channel as? any SocketOptionProvider else {
            throw AdministrationError(.denied, "the peer's credentials cannot be read")
        }
        let credentials: PeerCredentials = try await provider.unsafeGetSocketOption(
            level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED)
        ).get()
        guard credentials.uid == 0 || credentials.uid == geteuid() else {
            throw AdministrationError(.denied, "user \(credentials.uid) may not control this gate")
        }
        return "local:\(LocalUser.name(credentials.uid))"
    }
}

private final class OpenCount: Sendable {
    let value = Atomic(0)
}

/// `struct ucred` of Linux's socket(7), which the C library shows to GNU sources alone.
private struct PeerCredentials {
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
}

/// Users of the machine.
package enum LocalUser {
    /// The user's name, or the number where it has none.
    static func name(_ id: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else { return "\(id)" }
        return String(cString: name)
    }

    /// Who runs this process: `local:root`.
    package static var actor: String { "local:\(name(geteuid()))" }
}

/// Lines of a bounded length.
enum ControlLine {
    /// The first line without its end; nil where the peer closed before one was whole. Throws where it is longer than `bytesMax`.
    static func read(
        _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, bytesMax: Int
    ) async throws -> Data? {
        var gathered = ByteBuffer()
        while var part = try await inbound.next() {
            let end = part.readableBytesView.firstIndex(of: 0x0A)
            if let end {
                var line = part.readSlice(length: end - part.readerIndex) ?? ByteBuffer()
                gathered.writeBuffer(&line)
                return Data(gathered.readableBytesView)
            }
            gathered.writeBuffer(&part)
            guard gathered.readableBytes <= bytesMax else {
                throw AdministrationError(.invalid, "a line of more than \(bytesMax) octets on the control socket")
            }
        }
        return nil
    }
}
