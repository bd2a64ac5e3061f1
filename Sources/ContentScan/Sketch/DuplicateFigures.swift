/// How much mail like one message there was within the window, that message included.
package struct DuplicateFigures: Hashable, Sendable, CustomStringConvertible {
    package var messages = 0
    package var recipients = 0
    /// Distinct; at most as many as a group remembers.
    package var senders = 0
    package var connectors = 0

    package init(messages: Int = 0, recipients: Int = 0, senders: Int = 0, connectors: Int = 0) {
        (self.messages, self.recipients, self.senders, self.connectors) = (messages, recipients, senders, connectors)
    }

    /// One pattern: to a hundred people, or by three senders to thirty.
    package var isMany: Bool { recipients >= 100 || senders >= 3 && recipients >= 30 }

    package var description: String {
        "\(messages) messages like it to \(recipients) recipients by \(senders) sender\(senders == 1 ? "" : "s")"
    }
}
