package import Campaigns
package import MailModel

/// What is done with campaigns' contents and recipients. Answered by `affected`. A copy is handed to the queue by `StoreWork.accept`.
package enum CampaignWork: Sendable {
    /// What a revision says, as JSON. `affected` is 0 where there is such a revision already.
    case keep(campaign: Int64, revision: Int, value: String)
    /// What copies of a part of the campaign share, as JSON, under its digest. `affected` is 0 where it is kept already.
    case freeze(campaign: Int64, frame: Int64, value: String)
    /// A file that hangs on copies. `affected` is 0 where it is there already.
    case keepFile(campaign: Int64, digest: String, content: [UInt8])
    /// Adds recipients; those who are there already stay as they are, but for those of a pilot that is over: they get it again.
    case plan(campaign: Int64, [PlannedRecipient], at: Timestamp)
    /// Brings those in the queue to where their copies are by now, at most `limit`.
    case follow(campaign: Int64, limit: Int, at: Timestamp)
    /// A recipient whose turn has come is not handed over.
    case end(campaign: Int64, CampaignPhase, address: String, CampaignRecipientState, reason: String, at: Timestamp)
    /// Ends at most `limit` of those whose turn is to come.
    case cancel(campaign: Int64, reason: String, limit: Int, at: Timestamp)
    /// A person leaves the list that these campaigns go to, by a copy of `by`.
    case leave(address: String, campaigns: [Int64], by: Int64, at: Timestamp)
    /// Somebody opened a copy or followed a link of it.
    case respond(CampaignResponse)
    /// Forgets a person in all campaigns.
    case forget(address: String, at: Timestamp)

    /// Recipients in one work.
    package static let partMax = 2000
}

/// A recipient as it is planned.
package struct PlannedRecipient: Hashable, Sendable {
    package var phase: CampaignPhase
    package var address: EmailAddress
    package var place: Int64
    package var attributes: [String: String]
    /// `planned` or `skipped`.
    package var state: CampaignRecipientState
    /// Why it is left out; empty where it is not.
    package var reason: String
    /// A place in the campaign's list of time zones, 0…62.
    package var zone = 0

    package init(
        phase: CampaignPhase, address: EmailAddress, place: Int64, attributes: [String: String], state: CampaignRecipientState = .planned,
        reason: String = ""
    ) {
        self.phase = phase
        self.address = address
        self.place = place
        self.attributes = attributes
        self.state = state
        self.reason = reason
    }
}

/// What is known of one recipient.
package struct CampaignRecipient: Hashable, Sendable {
    package var phase: CampaignPhase
    /// As it is compared: `EmailAddress.key`; no address after erasure.
    package var address: String
    package var attributes: [String: String]
    package var state: CampaignRecipientState
    package var reason: String
    /// Nil before it was handed to the queue.
    package var message: MessageID?
    package var changedAt: Timestamp
    /// The person called the copy spam.
    package var hasComplained: Bool
}

package struct CampaignRecipientQuery: Hashable, Sendable {
    package var campaign: Int64
    /// Nil for all.
    package var state: CampaignRecipientState?
    package var phase: CampaignPhase
    /// Whom alone; nil for all.
    package var address: String?
    /// The address of the last of the page before; empty for the first page.
    package var after = ""
    /// 1…10,000.
    package var limit = 100

    package init(campaign: Int64, phase: CampaignPhase = .list) {
        self.campaign = campaign
        self.phase = phase
    }
}

package struct CampaignCount: Hashable, Sendable {
    package var phase: CampaignPhase
    package var state: CampaignRecipientState
    package var count: Int
}

/// Of those of a list who try one of two subjects.
package struct CampaignSubjectCount: Hashable, Sendable {
    /// Whether they got the other one.
    package var isOther: Bool
    package var state: CampaignRecipientState
    /// Left the list by it, or called it spam.
    package var hasLeft: Bool
    package var count: Int
}

/// The same of those to whom it was delivered and who consented to their clicks being counted.
package struct CampaignSubjectClicks: Hashable, Sendable {
    package var isOther: Bool
    package var people: Int
    /// Of these, who followed a link themselves, as far as can be told.
    package var clicked: Int
}

package struct CampaignDomainCount: Hashable, Sendable {
    package var domain: String
    package var state: CampaignRecipientState
    package var count: Int
}

package struct CampaignPace: Hashable, Sendable {
    package var handed: Int
    /// Nil for none.
    package var firstAt: Timestamp?
    /// Of the whole campaign.
    package var left: Int
}

/// A copy that was opened, or a link of it that was followed.
package struct CampaignResponse: Hashable, Sendable {
    package var campaign: Int64
    package var revision: Int
    /// Nil: it was opened.
    package var link: Int?
    /// `EmailAddress.key`.
    package var address: String
    package var rule: ResponseReading.Rule
    package var at: Timestamp

    package init(campaign: Int64, revision: Int, link: Int?, address: String, rule: ResponseReading.Rule, at: Timestamp) {
        self.campaign = campaign
        self.revision = revision
        self.link = link
        self.address = address
        self.rule = rule
        self.at = at
    }
}

/// How often that happened, and of how many people, by what it is taken for.
package struct CampaignResponseCount: Hashable, Sendable {
    package var revision: Int
    /// Nil: it was opened.
    package var link: Int?
    package var rule: ResponseReading.Rule
    package var people: Int
    package var total: Int
}
