import Campaigns
import Console
import Foundation
import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import Storage

/// A person's copy in the browser, the archive of a list, and what is counted of links and opens.
extension PublicDesk {
    func copy(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let token = try token(text) else { return nil }
        let directory = try await administration.directory()
        let list = directory.lists.values.first { $0.number == token.list }
        let words = words(request, list, person: try await language(of: token.address, request))
        guard let campaign = directory.campaigns.values.first(where: { $0.number == token.campaign }), list != nil,
            let row = try await row(campaign, token.address.key)
        else { return gone(words) }
        let writer = try await administration.writer(of: campaign, settings: live.current)
        // Nothing is counted of what is looked at here.
        let attributes = row.attributes.filter { $0.key != Subscriber.countedName }
        return shown(writer.fields(to: token.address, attributes), words, list?.shownTitle ?? "")
    }

    private func row(_ campaign: Campaign, _ address: String) async throws -> CampaignRecipient? {
        try await administration.store.read { store in
            for phase in [CampaignPhase.list, .pilot] {
                var query = CampaignRecipientQuery(campaign: campaign.number, phase: phase)
                query.address = address
                if let row = try store.campaignRecipients(query).first { return row }
            }
            return nil
        }
    }

    private func gone(_ words: PublicWords) -> PublicReply {
        var page = PublicPage(words, words.text("browser.gone.title"), texts: [words.text("browser.gone")])
        page.status = 410
        return PublicReply(page)
    }

    private func shown(_ message: ComposedMessage, _ words: PublicWords, _ list: String) -> PublicReply {
        if let html = message.html { return PublicReply(.foreign(html)) }
        var page = PublicPage(words, message.subject, list: list)
        page.letter = message.text ?? ""
        return PublicReply(page)
    }

    // MARK: - Archive

    /// Campaigns that everybody may read: sent to the whole list, and over.
    private func past(_ list: MailingList, _ directory: Directory) -> [Campaign] {
        guard list.pages?.hasArchive == true else { return [] }
        return directory.campaigns.values
            .filter { $0.list == list.name && $0.state == .done && $0.kind == .marketing && $0.segment.isEmpty }
            .sorted { $0.number > $1.number }
    }

    private static let archivedMax = 200

    func archive(_ name: String, _ request: PublicRequest) async throws -> PublicReply? {
        let directory = try await administration.directory()
        guard let list = directory.lists[name], let pages = list.pages, pages.hasArchive else { return nil }
        let words = words(request, list)
        var page = PublicPage(words, words.text("archive.title"), list: list.shownTitle)
        for campaign in past(list, directory).prefix(PublicDesk.archivedMax) {
            let writer = try await administration.writer(of: campaign, settings: live.current)
            let subject = writer.archived(email: "", leaving: "").subject
            let date = String((campaign.startedAt ?? campaign.createdAt).rfc3339.prefix(10))
            page.links.append((subject.isEmpty ? campaign.name : subject, "/l/\(name)/archive/\(campaign.name)", date))
        }
        if page.links.isEmpty { page.texts.append(words.text("archive.none")) }
        if pages.takesSignUps { page.links.append((words.text("subscribe.title"), "/l/\(name)", "")) }
        return PublicReply(page)
    }

    func archived(_ name: String, _ campaign: String, _ request: PublicRequest) async throws -> PublicReply? {
        let directory = try await administration.directory()
        guard let list = directory.lists[name], let found = past(list, directory).first(where: { $0.name == campaign }) else { return nil }
        let words = words(request, list)
        let writer = try await administration.writer(of: found, settings: live.current)
        return shown(writer.archived(email: words.text("archive.you"), leaving: "/l/\(name)/archive"), words, list.shownTitle)
    }

    // MARK: - Counting

    /// A GIF of one transparent point.
    private static let point: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x21, 0xF9, 4, 1, 0, 0, 0, 0, 0x2C, 0, 0,
        0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]

    func opened(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let token = ResponseToken(text, mac: try mac(PublicKeys.responses)), token.link == nil else { return nil }
        await count(token, request)
        return PublicReply(.image(PublicDesk.point))
    }

    /// Leads to a link of the campaign, never to what the address itself says.
    func followed(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let token = ResponseToken(text, mac: try mac(PublicKeys.responses)), let link = token.link else { return nil }
        let directory = try await administration.directory()
        guard let campaign = directory.campaigns.values.first(where: { $0.number == token.campaign }) else {
            return gone(words(request))
        }
        let links = try await links(campaign, revision: token.revision)
        guard link < links.count else { return nil }
        await count(token, request)
        return PublicReply(status: 303, .redirect(links[link]))
    }

    /// Only where the person's consent to it still holds. That it cannot be counted keeps nobody from where the link leads.
    private func count(_ token: ResponseToken, _ request: PublicRequest) async {
        do {
            guard let campaign = try await administration.directory().campaigns.values.first(where: { $0.number == token.campaign }),
                campaign.tracks == true, let row = try await row(campaign, token.address.key)
            else { return }
            let key = token.address.key
            let now = Timestamp.now
            let (entries, taken) = try await administration.store.read { store in
                let entries = try store.consent(from: key, through: key)[key] ?? []
                let events = try row.message.flatMap { try store.message($0) }?.events ?? []
                return (entries, events.last { $0.kind == "delivered" }?.at)
            }
            guard ConsentState(entries, list: campaign.list, subject: .tracking, at: now) == .valid else { return }
            let client = PublicClient.address(of: request, behind: live.current.http.proxyNetworks)
            let facts = ResponseReading.Facts(
                isClick: token.link != nil, isHead: request.isHead, userAgent: request.userAgent,
                seconds: taken.map { (now - $0).milliseconds / 1000 },
                isApple: client.map { IPNetwork("17.0.0.0/8")?.contains($0) ?? false } ?? false)
            let rule = ResponseReading.rule(facts, machineSeconds: live.current.campaigns.machineSeconds)
            _ = try await administration.store.perform(
                .campaign(
                    .respond(
                        CampaignResponse(
                            campaign: token.campaign, revision: token.revision, link: token.link, address: key, rule: rule, at: now))))
        } catch {
            logger.warning("a response could not be counted", metadata: ["error": "\(error)"])
        }
    }
}
