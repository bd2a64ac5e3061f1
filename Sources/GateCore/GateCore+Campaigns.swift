import MailModel
import OutboundPolicy

// Which way copies of campaigns go.
extension GateCore {
    /// The only route of a submitter's mail to these recipients; nil for any.
    func onlyRoute(of submitter: Submitter, to recipients: [EnvelopeRecipient]) -> String? {
        if let route = submitter.onlyRoute { return route }
        guard case .campaign(let name) = submitter.principal, let campaign = directory.campaigns[name], let recipient = recipients.first
        else { return nil }
        return directory.route(of: campaign, to: recipient.address)
    }
}
