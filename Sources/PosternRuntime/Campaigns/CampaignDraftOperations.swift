package import Campaigns
import Foundation
import InternetMessage
package import MailModel
package import OutboundPolicy
import Storage

package struct CreateCampaign: AdministrativeOperation {
    package static let name = "campaigns.create"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package var list: String
    /// The starter that the text is taken from, where the fields give none; nil: an empty text.
    package var starter: String?
    package var fields: CampaignFields

    package init(campaign: String, list: String, starter: String? = nil, fields: CampaignFields) {
        self.campaign = campaign
        self.list = list
        self.starter = starter
        self.fields = fields
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        guard MailingList.isName(campaign) else {
            throw AdministrationError(
                .invalid, "\"\(campaign.prefix(100))\" is no name of a campaign", "Take a to z, 0 to 9, - and _; 64 at most.")
        }
        let directory = try await administration.directory()
        guard directory.campaigns[campaign] == nil else { throw AdministrationError.exists("campaign", campaign) }
        guard directory.lists[list] != nil else { throw AdministrationError.noSuch("list", list) }
        guard let from = fields.from, let mailbox = Mailbox(from) else {
            throw AdministrationError(.invalid, "From is missing or no mailbox", "Such as: --from \"News <news@example.org>\".")
        }
        let newest = directory.campaigns.values.map(\.number).max() ?? 0
        let number = max(act.at.milliseconds, newest + 1)
        var made = Campaign(
            name: campaign, number: number, list: list, segment: "", from: from, sender: mailbox.address, kind: .marketing,
            seed: Int64.random(in: 0 ... .max), createdBy: act.actor, createdAt: act.at)
        var content = CampaignContent(subject: "", format: .markdown, body: "")
        if let starter {
            guard let found = CampaignStarter.named(starter) else { throw AdministrationError.noSuch("starter", starter) }
            (content.subject, content.format, content.body) = (found.subject, found.format, found.body)
        }
        try fields.apply(to: &made, &content)
        try administration.mayWrite(as: made.sender, act, directory)
        try await administration.keep(content, of: made)
        let change = try DirectoryChange(
            .campaign, name: campaign, made, mustBeNew: true, entry: act.entry("campaign.create", target: campaign))
        try await administration.commit([change])
        return CampaignView(made)
    }
}

/// Makes a new revision: what was checked and approved before counts no more.
package struct EditCampaign: AdministrativeOperation {
    package static let name = "campaigns.edit"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package var fields: CampaignFields

    package init(campaign: String, fields: CampaignFields) {
        self.campaign = campaign
        self.fields = fields
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        try await administration.change(campaign, act, "campaign.edit") { found, content in try fields.apply(to: &found, &content) }
    }
}

extension Administration {
    /// A campaign, and the state that an act leads it to. Throws where it is not possible now.
    func campaign(_ name: String, after act: CampaignAct) async throws -> (Campaign, Campaign.State) {
        let found = try await campaign(name)
        let needsApproval = try await settings().campaigns.needsSecondPerson
        guard let state = found.state(after: act, needsApproval: needsApproval) else {
            throw AdministrationError(
                .conflict, "the campaign \(name) is \(found.state.rawValue)", CampaignWords.next(found.state, needsApproval))
        }
        return (found, state)
    }

    func keep(_ content: CampaignContent, of campaign: Campaign) async throws {
        let text = String(decoding: try JSONText.data(content), as: UTF8.self)
        let work = CampaignWork.keep(campaign: campaign.number, revision: campaign.revision, value: text)
        guard case .affected(1) = try await store.perform(.campaign(work)) else {
            throw AdministrationError(
                .conflict, "the campaign \(campaign.name) was changed meanwhile", "Look at it again, then repeat.")
        }
    }

    /// An account that is no operator writes only as those it may write as anyway.
    func mayWrite(as sender: EmailAddress, _ act: Act, _ directory: Directory) throws {
        guard act.actor.hasPrefix("account:"), let account = directory.accounts[String(act.actor.dropFirst(8))] else { return }
        guard Set(account.roles).isDisjoint(with: [Role.administrator.rawValue, Role.operator.rawValue]), !Submitter(account).mayUse(sender)
        else { return }
        throw AdministrationError(
            .denied, "\(account.address) may not send as \(sender)", "An administrator can grant it: postern accounts grant.")
    }
}

enum CampaignWords {
    /// What can be done in a state.
    static func next(_ state: Campaign.State, _ needsApproval: Bool) -> String {
        switch state {
        case .draft: "Next: postern campaign check."
        case .checked: needsApproval ? "Next: another person's postern campaign approve." : "Next: postern campaign pilot."
        case .approved: "Next: postern campaign pilot."
        case .pilot: "Next: look at the pilot's mail, then postern campaign approve and start."
        case .pilotApproved: "Next: postern campaign start."
        case .canary, .rest: "It can be paused or cancelled."
        case .paused: "Next: postern campaign resume, or cancel."
        case .done, .cancelled: "It is over; make a new one."
        }
    }
}

package struct ListCampaigns: AdministrativeOperation {
    package static let name = "campaigns.list"
    package static let scope = AccessScope.campaignsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [CampaignView] {
        try await administration.directory().campaigns.values.sorted { $0.name < $1.name }.map(CampaignView.init)
    }
}

package struct ShowCampaign: AdministrativeOperation {
    package static let name = "campaigns.show"
    package static let scope = AccessScope.campaignsRead
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        CampaignView(try await administration.campaign(campaign))
    }
}

/// What a campaign says, in its revision.
package struct ShowCampaignContent: AdministrativeOperation {
    package static let name = "campaigns.content"
    package static let scope = AccessScope.campaignsRead
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignContent {
        try await administration.content(of: try await administration.campaign(campaign))
    }
}

/// Texts to begin a campaign with.
package struct ListStarters: AdministrativeOperation {
    package static let name = "campaigns.starters"
    package static let scope = AccessScope.campaignsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [CampaignStarter] { CampaignStarter.all }
}

/// Copies of several people of the list: of who has most attributes, of who has fewest, and of some in between.
package struct PreviewSamples: AdministrativeOperation {
    package static let name = "campaigns.samples"
    package static let scope = AccessScope.subscribersRead
    package var campaign: String
    /// 1…20; nil: 3.
    package var count: Int?

    package init(campaign: String, count: Int? = nil) {
        self.campaign = campaign
        self.count = count
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [CampaignPreview] {
        let count = count ?? 3
        guard (1...20).contains(count) else { throw AdministrationError(.invalid, "\(count) copies", "Ask for 1 to 20.") }
        let found = try await administration.campaign(campaign)
        let writer = try await administration.writer(of: found, settings: try await administration.settings())
        let audience = try await CampaignAudience(found, in: administration)
        let page = try await administration.store.read { try audience.page($0, after: "", at: act.at) }
        let people = (page?.people ?? []).filter { $0.skipped == nil }.map(\.subscriber)
        func known(_ person: Subscriber) -> Int { person.attributes.values.count { !$0.isEmpty } }
        let order = people.sorted { (known($1), $0.address.key) < (known($0), $1.address.key) }
        guard !order.isEmpty else { return [CampaignPreview(writer.fields(to: found.sender, [:]), to: found.sender)] }
        let places = count == 1 ? [0] : Set((0..<count).map { $0 * (order.count - 1) / (count - 1) }).sorted()
        return places.map { CampaignPreview(writer.fields(to: order[$0].address, order[$0].attributes), to: order[$0].address) }
    }
}

/// One person's copy, as it would leave.
package struct PreviewCampaign: AdministrativeOperation {
    package static let name = "campaigns.preview"
    package static let scope = AccessScope.campaignsRead
    package var campaign: String
    /// Nil: somebody without attributes.
    package var recipient: EmailAddress?

    package init(campaign: String, recipient: EmailAddress? = nil) {
        self.campaign = campaign
        self.recipient = recipient
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignPreview {
        let found = try await administration.campaign(campaign)
        let writer = try await administration.writer(of: found, settings: try await administration.settings())
        let address = recipient ?? found.sender
        let attributes = try await administration.attributes(of: address, list: try await administration.list(found.list))
        return CampaignPreview(writer.fields(to: address, attributes), to: address)
    }
}

extension Administration {
    /// What a list says of somebody; empty where the address is not on it.
    func attributes(of address: EmailAddress, list: MailingList) async throws -> [String: String] {
        try await store.read { store in
            try store.memberships(of: address).first { $0.list == list.number }?.subscriber.attributes ?? [:]
        }
    }
}
