package import Campaigns
import InternetMessage
import MailModel
package import OutboundPolicy

/// What of a draft can be given; nil leaves what there is.
package struct CampaignFields: Codable, Hashable, Sendable {
    package var segment: String?
    /// `Name <address>`.
    package var from: String?
    package var replyTo: String?
    package var subject: String?
    package var format: CampaignContent.Format?
    package var body: String?
    package var postalAddress: String?
    package var kind: Campaign.Kind?
    /// People who get it first, before the rest.
    package var canary: Int?
    package var canaryWaitMinutes: Int?
    /// 0 takes a limit away.
    package var perHour: Int?
    package var perDay: Int?

    package init() {}

    static let ratesRange = 0...10_000_000
    static let waitRange = 0...10_080

    /// Throws `AdministrationError`.
    func apply(to campaign: inout Campaign, _ content: inout CampaignContent) throws {
        if let from {
            guard let mailbox = Mailbox(from) else {
                throw CampaignFields.invalid("from", "is no mailbox such as \"News <news@example.org>\"")
            }
            campaign.from = from
            campaign.sender = mailbox.address
        }
        if let segment {
            do {
                if !segment.isEmpty { _ = try Segment(segment) }
            } catch {
                throw AdministrationError(.invalid, "\(error)", "Such as: city = London and consent is valid.")
            }
            campaign.segment = segment
        }
        if let kind { campaign.kind = kind }
        if let canary {
            guard (1...1_000_000).contains(canary) else { throw CampaignFields.invalid("canary", "has 1 to 1,000,000 people") }
            campaign.canaryChosen = canary
        }
        if let canaryWaitMinutes {
            guard CampaignFields.waitRange.contains(canaryWaitMinutes) else {
                throw CampaignFields.invalid("wait", "is 0 to 10,080 minutes")
            }
            campaign.canaryWaitMinutes = canaryWaitMinutes
        }
        for rate in [perHour, perDay].compactMap({ $0 }) where !CampaignFields.ratesRange.contains(rate) {
            throw CampaignFields.invalid("pace", "is 0 to 10,000,000 recipients")
        }
        if let perHour { campaign.perHourMax = perHour == 0 ? nil : perHour }
        if let perDay { campaign.perDayMax = perDay == 0 ? nil : perDay }
        try apply(to: &content)
    }

    private func apply(to content: inout CampaignContent) throws {
        if let replyTo {
            guard replyTo.isEmpty || Mailbox(replyTo) != nil else { throw CampaignFields.invalid("reply-to", "is no mailbox") }
            content.replyTo = replyTo
        }
        if let subject {
            guard subject.count <= 500, !subject.contains(where: \.isNewline) else {
                throw CampaignFields.invalid("subject", "is not one line of at most 500 characters")
            }
            content.subject = subject
        }
        if let format { content.format = format }
        if let body {
            guard body.utf8.count <= CampaignContent.bodyOctetsMax else {
                throw CampaignFields.invalid("content", "has more than \(CampaignContent.bodyOctetsMax) octets")
            }
            content.body = body
        }
        if let postalAddress {
            guard postalAddress.count <= CampaignContent.postalCharactersMax else {
                throw CampaignFields.invalid("postal address", "has more than \(CampaignContent.postalCharactersMax) characters")
            }
            content.postalAddress = postalAddress
        }
    }

    private static func invalid(_ field: String, _ problem: String) -> AdministrationError {
        AdministrationError(.invalid, "the \(field) \(problem)")
    }
}
