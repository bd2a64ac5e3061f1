import MailModel
import NIOCore
import SMTPProtocol
import SMTPTransport

/// One connection to the listener for what comes back: takes mail to return paths of ours, to complaint addresses and to those for
/// reports on our domains, and no other.
///
/// Confined to the connection's event loop.
final class ReportSession: SMTPServerSession {
    private let desk: ReportDesk
    private var connection: SMTPServerConnection?
    private var isCounted = false
    private var recipients: [EmailAddress: ReportRecipients.Recipient] = [:]

    init(_ desk: ReportDesk) { self.desk = desk }

    func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        guard desk.connectionOpened() else {
            return connection.refuse(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many connections; try again in a minute"))
        }
        isCounted = true
        connection.accept()
    }

    func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {}

    func signIn(_ request: SignIn) { connection?.answerSignIn(SMTPReply(502, EnhancedStatusCode(5, 5, 1), "No sign-in here")) }

    /// Anybody may report, nobody above all.
    func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        recipients = [:]
        connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "Sender OK"))
    }

    func recipient(_ recipient: EnvelopeRecipient) {
        switch desk.recipient(recipient.address) {
        case .success(let found):
            recipients[recipient.address] = found
            connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Recipient OK"))
        case .failure(let refusal): connection?.answer(refusal.reply)
        }
    }

    func dataStarting(declaredBytes: Int?) { connection?.answer(SMTPReply(354, nil, "Go ahead, end with a dot on a line of its own")) }

    func message(_ message: ReceivedMessage) {
        // The machine puts the defect's own refusal in place of a positive answer.
        guard message.defect == nil else {
            connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 6, 0), "OK"))
            return
        }
        guard let loop = connection?.eventLoop else { return }
        let box = NIOLoopBound(self, eventLoop: loop)
        desk.take(ReportDesk.Arrival(content: message.content, recipients: message.recipients.compactMap { recipients[$0.address] })) {
            reply in
            loop.execute { box.value.connection?.answer(reply) }
        }
    }

    func closed() {
        connection = nil
        guard isCounted else { return }
        isCounted = false
        desk.connectionClosed()
    }
}
