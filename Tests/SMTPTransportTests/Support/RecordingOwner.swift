import MailModel
import NIOCore
import SMTPProtocol

@testable import SMTPTransport

/// Sends its transactions one after the other, then quits; the promise comes true when the connection is gone.
///
/// `@unchecked`: used on the connection's event loop until the promise is fulfilled, read after that.
final class RecordingOwner: SMTPClientOwner, @unchecked Sendable {
    var waiting: [ClientTransaction]
    var results: [[RecipientResult]] = []
    var failures: [DeliveryFailure] = []
    var capabilities: SMTPCapabilities?
    var facts = ConnectionFacts()
    var closedCount = 0
    /// Does not quit when all is sent.
    var keepsOpen = false
    private let done: EventLoopPromise<Void>?

    init(_ transactions: [ClientTransaction], done: EventLoopPromise<Void>? = nil) {
        waiting = transactions
        self.done = done
    }

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        self.capabilities = capabilities
        facts = connection.facts
        goOn(connection)
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {
        self.results.append(results)
        if isReusable { goOn(connection) }
    }

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) {
        facts = connection.facts
        failures.append(failure)
    }

    func closed(_ connection: SMTPClientConnection) {
        closedCount += 1
        done?.succeed()
    }

    private func goOn(_ connection: SMTPClientConnection) {
        if !waiting.isEmpty { connection.begin(waiting.removeFirst()) } else if !keepsOpen { connection.quit() }
    }
}
