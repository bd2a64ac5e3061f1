import MailModel
package import NIOCore
package import ProviderTwin
import SMTPProtocol
import SMTPTransport
import Synchronization

/// Where the built-in receiver listens and how much it keeps.
package struct BuiltInReceiverSettings: Sendable {
    /// Loopback, unless someone wants to try with a second machine.
    package var host = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 0
    /// The name in its greeting.
    package var hostName = "receiver.invalid"
    /// Created where it is missing.
    package var directory: String
    /// Files kept; the oldest go first. At least 1.
    package var messagesMax = 1000
    /// Octets kept.
    package var bytesMax = 256 << 20
    /// Octets of one message.
    package var messageBytesMax = 64 << 20
    /// Messages that may wait to be written. One more is taken and not kept: the receiver must not slow down who tries it out.
    package var waitingMax = 512
    /// Octets that may wait to be written, likewise.
    package var waitingBytesMax = 64 << 20
    package var model = TwinReceiver.Settings()

    package init(directory: String) { self.directory = directory }
}

/// What the built-in receiver did since it started.
package struct BuiltInReceiverCounts: Hashable, Sendable {
    /// Accepted with 250.
    package var messages = 0
    /// Recipients of accepted messages.
    package var recipients = 0
    package var refusedRecipients = 0
    /// Refused after the data.
    package var refusedMessages = 0
    /// Connections that it dropped because a recipient asked for it.
    package var drops = 0
    /// Taken and not kept, since too many waited to be written or the disk refused.
    package var unkept = 0

    package init() {}
}

/// The outside world until a route is set: a receiver on loopback that keeps what it gets and knows the recipients of `ReservedRecipient`.
package final class BuiltInReceiver: Sendable {
    private let listener: SMTPListener
    private let world: ReceiverWorld

    private init(listener: SMTPListener, world: ReceiverWorld) {
        self.listener = listener
        self.world = world
    }

    /// Throws where the directory cannot be made or the port cannot be bound.
    package static func start(_ settings: BuiltInReceiverSettings, group: any EventLoopGroup) async throws -> BuiltInReceiver {
        let world = ReceiverWorld(folder: try MessageFolder(settings), model: TwinReceiver(settings.model))
        var limits = SMTPServerLimits()
        limits.messageBytesMax = settings.messageBytesMax
        var listening = SMTPListenerSettings(machine: SMTPServerSettings(hostName: settings.hostName, limits: limits))
        listening.host = settings.host
        listening.port = settings.port
        let listener = try await SMTPListener.start(listening, group: group, tls: nil) { _ in BuiltInReceiverSession(world) }
        return BuiltInReceiver(listener: listener, world: world)
    }

    package var port: Int { listener.localPort }
    package var counts: BuiltInReceiverCounts {
        var counts = world.counts.withLock { $0 }
        counts.unkept += world.folder.unwritten
        return counts
    }

    /// Waits until everything taken so far is written.
    package func flush() async { await world.folder.flush() }

    /// Ends all connections and waits for the writer.
    package func close() async {
        await listener.close()
        await world.folder.flush()
    }
}

/// What the sessions of all loops share.
final class ReceiverWorld: Sendable {
    let folder: MessageFolder
    let model: Mutex<TwinReceiver>
    let counts = Mutex(BuiltInReceiverCounts())

    init(folder: MessageFolder, model: TwinReceiver) {
        self.folder = folder
        self.model = Mutex(model)
    }
}
