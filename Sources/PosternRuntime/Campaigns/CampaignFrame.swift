import Crypto
import Foundation
import InternetMessage
import MailModel
import OutboundPolicy

/// What the copies of a part of a campaign share, as it was when they were handed to the queue: with a person's attributes it makes the
/// same octets for as long as the copy is kept, on every node, whatever is changed meanwhile.
struct CampaignFrame: Hashable, Sendable, Codable {
    var campaign: Campaign
    var list: MailingList
    /// Where people leave the list; nil where no public address is set.
    var publicURL: String?
    /// Takes mail that asks to leave a list; nil where no listener does.
    var mailAddress: String?
    /// Of Feedback-ID; nil for no such field.
    var feedback: String?
    /// Of the node that took the copies: stands in Received and Message-ID.
    var hostName: String

    init(_ campaign: Campaign, list: MailingList, settings: Settings) {
        self.campaign = campaign
        self.list = list
        publicURL = settings.campaigns.publicURL
        mailAddress = CampaignWriter.mailAddress(settings)
        feedback = settings.bulk.feedbackID?.value(parts: ["c\(campaign.number)", list.name, campaign.kind.rawValue])
        hostName = settings.node.hostName.text
    }

    /// As the store keeps it, and its number there.
    func frozen() throws -> (number: Int64, text: String) {
        let text = try JSONText.encode(self)
        let digest = SHA256.hash(data: Data(text.utf8))
        return (digest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }, text)
    }
}
