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
    /// Days over which it is spread in equal parts; 0: none.
    package var days: Int?
    /// When copies may leave, such as `Mon,Tue,Wed,Thu,Fri 09:00-17:00`; empty for any time.
    package var hours: [String]?
    /// An IANA name such as `Europe/Berlin`; empty for the organisation's.
    package var timeZone: String?
    /// The attribute that names a person's own zone; empty: all go by the campaign's.
    package var zoneAttribute: String?
    /// Nothing leaves before, by RFC 3339; empty for no such time.
    package var startAt: String?
    /// Another subject, to be tried against the first; empty: none.
    package var otherSubject: String?
    /// Percent of the people who try one or the other; the rest gets what made fewer people leave.
    package var testShare: Int?
    /// Hours that are waited for after them.
    package var testHours: Int?
    /// Routes that carry it, such as `relay-a` or `relay-a=3` for three shares; empty: the usual rules choose.
    package var routes: [String]?

    /// Whether links and opens are counted, of people who consented to that.
    package var track: Bool?

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
        if let track { campaign.tracks = track ? true : nil }
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
        if let perDay { (campaign.perDayMax, campaign.daysChosen) = (perDay == 0 ? nil : perDay, nil) }
        try applyTimes(to: &campaign)
        try applyTest(to: &campaign, &content)
        if let routes {
            let shares = try routes.map { text in
                guard let share = CampaignRoute(text) else {
                    throw CampaignFields.invalid("route", "\"\(text.prefix(100))\" is not NAME or NAME=WEIGHT, with a weight of 1 to 1000")
                }
                return share
            }
            guard shares.count <= CampaignRoute.countMax, Set(shares.map(\.name)).count == shares.count else {
                throw CampaignFields.invalid("routes", "are more than \(CampaignRoute.countMax), or one stands twice")
            }
            campaign.routes = shares.isEmpty ? nil : shares
        }
        try apply(to: &content)
    }

    private func applyTest(to campaign: inout Campaign, _ content: inout CampaignContent) throws {
        if let otherSubject {
            guard otherSubject.count <= 500, !otherSubject.contains(where: \.isNewline) else {
                throw CampaignFields.invalid("other subject", "is not one line of at most 500 characters")
            }
            content.otherSubject = otherSubject.isEmpty ? nil : otherSubject
            campaign.subjectTest = otherSubject.isEmpty ? nil : campaign.subjectTest ?? SubjectTest()
        }
        guard testShare != nil || testHours != nil else { return }
        guard var test = campaign.subjectTest else { throw CampaignFields.invalid("test", "needs another subject") }
        (test.share, test.waitHours) = (testShare ?? test.share, testHours ?? test.waitHours)
        guard SubjectTest.shares.contains(test.share), SubjectTest.waits.contains(test.waitHours) else {
            throw CampaignFields.invalid("test", "takes 2 to 100 percent, and 1 to 168 hours")
        }
        campaign.subjectTest = test
    }

    private func applyTimes(to campaign: inout Campaign) throws {
        if let days {
            guard (0...366).contains(days) else { throw CampaignFields.invalid("days", "are 0 to 366") }
            (campaign.daysChosen, campaign.perDayMax) = (days == 0 ? nil : days, nil)
        }
        if let hours {
            guard hours.count <= CampaignFields.hoursMax else {
                throw CampaignFields.invalid("hours", "are more than \(CampaignFields.hoursMax)")
            }
            let parts = try hours.map { text in
                guard let part = SendingHours(text), part.mistake == nil else {
                    throw CampaignFields.invalid("hours", "\"\(text.prefix(60))\" are none such as 09:00-17:00 or \"Mon,Tue 09:00-17:00\"")
                }
                return part
            }
            campaign.hours = parts.isEmpty ? nil : parts
        }
        if let timeZone {
            guard timeZone.isEmpty || TimeZones.day(timeZone) != nil else {
                throw CampaignFields.invalid(
                    "time zone", "\"\(timeZone.prefix(60))\" is not known; take an IANA name such as Europe/Berlin")
            }
            campaign.zone = timeZone.isEmpty ? nil : timeZone
        }
        if let zoneAttribute {
            guard zoneAttribute.utf8.count <= 100 else { throw CampaignFields.invalid("attribute of the zone", "has more than 100 octets") }
            campaign.zoneAttribute = zoneAttribute.isEmpty ? nil : zoneAttribute.lowercased()
        }
        if let startAt {
            let time = Timestamp(rfc3339: startAt)
            guard startAt.isEmpty || time != nil else {
                throw CampaignFields.invalid("start", "\"\(startAt.prefix(40))\" is no time such as 2026-12-31T09:00:00Z")
            }
            campaign.notBefore = time
        }
    }

    private static let hoursMax = 20

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
