package import MailModel

/// What a node says of itself: who it is, where it listens, and for how long it wants to hold what it takes.
package struct NodeRun: Hashable, Sendable {
    /// Unique for each start of each node; never 0.
    package var owner: Int64
    /// 0…255; nil takes the lowest number from 1 that no living run has.
    package var node: UInt8?
    /// The host name.
    package var name: String
    package var version: String
    /// `submission=192.0.2.1:587`, in order.
    package var addresses: [String]
    /// Names of the egress sources that it uses, the default one aside.
    package var sources: [String] = []
    /// Without a renewal in that time, others take over.
    package var lease: Duration
    /// By the node's clock: counts only where the store has no clock of its own.
    package var at: Timestamp

    package init(
        owner: Int64, node: UInt8?, name: String, version: String = "", addresses: [String] = [], lease: Duration = .seconds(30),
        at: Timestamp
    ) {
        self.owner = owner
        self.node = node
        self.name = name
        self.version = version
        self.addresses = addresses
        self.lease = lease
        self.at = at
    }
}

/// A run as the store has taken it in.
package struct RegisteredRun: Hashable, Sendable {
    package var owner: Int64
    package var node: UInt8
    /// Open recipients in the store.
    package var open: Int
    /// How many of them were given back, since the run that held them is over.
    package var released: Int
    /// The greatest identifier in use; nil in an empty store.
    package var newestMessage: MessageID?
}

/// A run that was over without having said so.
package struct TakenRun: Hashable, Sendable {
    package var node: UInt8
    package var name: String
    /// Recipients that it held.
    package var recipients: Int

    package init(node: UInt8, name: String, recipients: Int) {
        self.node = node
        self.name = name
        self.recipients = recipients
    }
}

/// A run as the store knows it.
package struct NodeRow: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, Codable {
        case running
        /// It has not renewed its lease in time; another node is about to take over.
        case lapsed
        case stopped
        case takenOver = "taken-over"
        /// The node was started again without having stopped.
        case replaced
    }

    package var owner: Int64
    package var node: UInt8
    package var name: String
    package var version: String
    package var addresses: [String]
    /// Names of the egress sources that it uses, the default one aside.
    package var sources: [String]
    package var state: State
    package var startedAt: Timestamp
    /// When it last renewed, or ended.
    package var seenAt: Timestamp
    /// Open recipients that it holds.
    package var recipients: Int
}

/// Work that one node at a time does, such as the purge.
package struct TaskHold: Hashable, Sendable {
    package var name: String
    /// The run that wants to do it, or to go on.
    package var owner: Int64
    /// How long others leave it alone without a word.
    package var lease: Duration
    /// By the node's clock: counts only where the store has no clock of its own.
    package var at: Timestamp

    package init(name: String, owner: Int64, lease: Duration, at: Timestamp) {
        self.name = name
        self.owner = owner
        self.lease = lease
        self.at = at
    }
}
