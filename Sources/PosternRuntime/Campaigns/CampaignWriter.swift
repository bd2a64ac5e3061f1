import Campaigns
import ContentReading
import Crypto
import Foundation
import InternetMessage
import MailModel
import OutboundPolicy
import Storage

/// Writes the copies of one campaign, as a frozen revision says.
struct CampaignWriter: Sendable {
    let design: CampaignDesign
    let content: CampaignContent
    private let campaign: Campaign
    private let list: MailingList
    private let publicURL: String?
    /// Takes mail that asks to leave a list; nil where no listener does.
    private let mailAddress: String?
    private let key: SymmetricKey

    init(_ campaign: Campaign, _ content: CampaignContent, list: MailingList, settings: Settings, vault: KeyVault) throws {
        self.campaign = campaign
        self.content = content
        self.list = list
        publicURL = settings.campaigns.publicURL
        mailAddress = CampaignWriter.mailAddress(settings)
        key = UnsubscribeKey.key(vault)
        let body = content.format == .markdown ? MarkdownText.html(content.body) : content.body
        let title = list.title.isEmpty ? list.name : list.title
        var headers = [
            ComposedMessage.Header(name: "List-Id", value: "\(CampaignWriter.phrase(title)) <\(campaign.listID)>"),
            ComposedMessage.Header(name: "Precedence", value: "bulk"),
        ]
        if let feedback = settings.bulk.feedbackID {
            let value = feedback.value(parts: ["c\(campaign.number)", list.name, campaign.kind.rawValue])
            headers.append(ComposedMessage.Header(name: "Feedback-ID", value: value))
        }
        let frame = CampaignDesign.Frame(from: campaign.from, listTitle: title, listID: campaign.listID, headers: headers)
        do {
            design = try CampaignDesign(content, body: body, frame: frame)
        } catch {
            throw AdministrationError(.invalid, "the content cannot be read as a template: \(error)")
        }
    }

    static func mailAddress(_ settings: Settings) -> String? {
        guard settings.reports.port != 0, let domain = settings.bulk.returnPathDomain else { return nil }
        return "\(ReportRecipients.unsubscribeName)@\(domain)"
    }

    /// Where a person leaves the list; a path alone where no public address is set.
    func unsubscribe(_ address: EmailAddress) -> String { "\(publicURL ?? "")/u/\(token(address))" }

    private func token(_ address: EmailAddress) -> String {
        UnsubscribeToken(campaign: campaign.number, list: list.number, address: address).text { UnsubscribeKey.mac($0, key) }
    }

    /// One person's copy: the whole message, but for what submission adds. Throws `CompositionFault`.
    func copy(to address: EmailAddress, _ attributes: [String: String], seed: String) throws -> [UInt8] {
        try MessageBuilder.build(fields(to: address, attributes), boundarySeed: seed)
    }

    func fields(to address: EmailAddress, _ attributes: [String: String]) -> ComposedMessage {
        let link = unsubscribe(address)
        var ways: [String] = publicURL == nil ? [] : ["<\(link)>"]
        if let mailAddress { ways.append("<mailto:\(mailAddress)?subject=\(token(address))>") }
        var headers: [ComposedMessage.Header] = []
        if !ways.isEmpty { headers.append(ComposedMessage.Header(name: "List-Unsubscribe", value: ways.joined(separator: ", "))) }
        if publicURL != nil { headers.append(ComposedMessage.Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click")) }
        return design.copy(to: address.description, attributes: attributes, unsubscribe: link, headers: headers)
    }

    /// What may stand before an address in angle brackets without quotes.
    private static func phrase(_ text: String) -> String {
        String(text.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }.prefix(80))
    }

    /// Unforeseeable letters and digits.
    static func seed() -> String {
        var random = SystemRandomNumberGenerator()
        return String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
            + String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
    }
}

/// Under what unsubscribe tokens are made: the same on all nodes, for as long as the master key is.
enum UnsubscribeKey {
    static func key(_ vault: KeyVault) -> SymmetricKey { SymmetricKey(data: vault.key(for: "unsubscribe")) }

    static func mac(_ octets: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: octets, using: key))
    }
}

extension Administration {
    /// What a campaign says in its revision.
    func content(of campaign: Campaign) async throws -> CampaignContent {
        let text = try await store.read { try $0.campaignContent(campaign.number, revision: campaign.revision) }
        guard let text else { throw AdministrationError(.failed, "revision \(campaign.revision) of \(campaign.name) is not in the store") }
        return try JSONText.decode(CampaignContent.self, from: Data(text.utf8))
    }

    func writer(of campaign: Campaign, settings: Settings) async throws -> CampaignWriter {
        guard let vault else { throw AdministrationError(.failed, "campaigns need this node's secrets/master.key") }
        return try CampaignWriter(
            campaign, try await content(of: campaign), list: try await list(campaign.list), settings: settings, vault: vault)
    }

    func campaign(_ name: String) async throws -> Campaign {
        guard let campaign = try await directory().campaigns[name] else { throw AdministrationError.noSuch("campaign", name) }
        return campaign
    }

    /// Writes a changed campaign, unless somebody changed something meanwhile that this did not see.
    func put(_ campaign: Campaign, with more: [DirectoryChange] = [], seen version: Int64?, entry: AuditEntry) async throws {
        let change = try DirectoryChange(.campaign, name: campaign.name, campaign, entry: entry)
        try await expecting(notAfter: version).commit([change] + more)
    }
}
