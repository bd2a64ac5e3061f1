import Campaigns
import ContentReading
import Crypto
import DeliveryPlanning
import Foundation
import InternetMessage
import MailModel
import OutboundPolicy
import Storage

/// Writes the copies of one campaign, as a frozen revision says.
struct CampaignWriter: Sendable {
    let design: CampaignDesign
    let content: CampaignContent
    let frame: CampaignFrame
    private let key: SymmetricKey
    private let boundaryKey: SymmetricKey
    private let responseKey: SymmetricKey

    private var campaign: Campaign { frame.campaign }
    private var list: MailingList { frame.list }
    private var publicURL: String? { frame.publicURL }

    init(
        _ frame: CampaignFrame, _ content: CampaignContent, files: [ComposedMessage.Attachment], vault: KeyVault
    ) throws {
        self.frame = frame
        self.content = content
        let (campaign, list) = (frame.campaign, frame.list)
        key = UnsubscribeKey.key(vault)
        boundaryKey = SymmetricKey(data: vault.key(for: "copy-boundary"))
        responseKey = SymmetricKey(data: vault.key(for: PublicKeys.responses))
        let body = content.format == .markdown ? MarkdownText.html(content.body) : content.body
        let title = list.title.isEmpty ? list.name : list.title
        var headers = [
            ComposedMessage.Header(name: "List-Id", value: "\(CampaignWriter.phrase(title)) <\(campaign.listID)>"),
            ComposedMessage.Header(name: "Precedence", value: "bulk"),
        ]
        if let feedback = frame.feedback { headers.append(ComposedMessage.Header(name: "Feedback-ID", value: feedback)) }
        let shared = CampaignDesign.Frame(
            from: campaign.from, listTitle: title, listID: campaign.listID, headers: headers,
            tracks: campaign.tracks == true && frame.publicURL != nil)
        do {
            var design = try CampaignDesign(content, body: body, frame: shared)
            design.attachments = files
            if let test = campaign.subjectTest {
                design.getsOther = { text in
                    guard let address = EmailAddress(text) else { return false }
                    return (test.variant(SendingOrder.place(of: address.key, seed: campaign.seed)) ?? test.winner) == .b
                }
            }
            self.design = design
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

    /// One person's copy, as it leaves but for signatures: the same whenever it is written. Throws `CompositionFault`.
    func copy(of record: MessageRecord, to address: EmailAddress, _ attributes: [String: String]) throws -> [UInt8] {
        let content = try MessageBuilder.build(fields(to: address, attributes), boundarySeed: boundary(record.id))
        guard let host = DomainName(frame.hostName), case .success(let header) = HeaderSection.scan(content) else {
            throw CampaignCopies.Fault(description: "its header cannot be read again", isPermanent: true)
        }
        let received = ReceivedTrace(
            clientName: "", clientAddress: nil, host: host, transfer: [.http, .internationalized], tlsVersion: nil, id: record.id,
            recipient: address, at: record.receivedAt)
        return SubmissionEdits.apply(
            to: content, header: header, received: received, date: record.receivedAt, messageID: record.headerMessageID)
    }

    /// Nobody can foresee it, so that no content can pose as one.
    private func boundary(_ id: MessageID) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(id)".utf8), using: boundaryKey)
        let value = code.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64).self) }
        return String(value.0, radix: 36) + String(value.1, radix: 36)
    }

    func subject(to address: EmailAddress, _ attributes: [String: String]) -> String {
        design.subject(to: address.description, attributes: attributes, unsubscribe: unsubscribe(address))
    }

    /// What the gate decides by before a copy is written: of one written copy, for all of its part.
    func facts(to address: EmailAddress, _ attributes: [String: String]) throws -> (facts: MessageFacts, octets: Int) {
        let content = try MessageBuilder.build(fields(to: address, attributes), boundarySeed: "facts")
        guard case .success(let header) = HeaderSection.scan(content) else {
            throw CampaignCopies.Fault(description: "its header cannot be read again", isPermanent: true)
        }
        return (MessageFacts.read(content, header: header), content.count)
    }

    func fields(to address: EmailAddress, _ attributes: [String: String]) -> ComposedMessage {
        let link = unsubscribe(address)
        var ways: [String] = publicURL == nil ? [] : ["<\(link)>"]
        if let mailAddress = frame.mailAddress { ways.append("<mailto:\(mailAddress)?subject=\(token(address))>") }
        var headers: [ComposedMessage.Header] = []
        if !ways.isEmpty { headers.append(ComposedMessage.Header(name: "List-Unsubscribe", value: ways.joined(separator: ", "))) }
        if publicURL != nil { headers.append(ComposedMessage.Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click")) }
        let counting = attributes[Subscriber.countedName] == nil ? nil : counting(address)
        let (url, token) = (publicURL ?? "", token(address))
        return design.copy(
            to: address.description, attributes: attributes, unsubscribe: link, preferences: "\(url)/p/\(token)",
            browser: "\(url)/b/\(token)", counting: counting, headers: headers)
    }

    /// What a copy says that shows itself to everybody: nothing of a person in it.
    func archived(email: String, leaving: String) -> ComposedMessage {
        design.copy(to: email, attributes: [:], unsubscribe: leaving, preferences: leaving, browser: leaving, headers: [])
    }

    private func counting(_ address: EmailAddress) -> CampaignDesign.Counting {
        func token(_ link: Int?) -> String {
            ResponseToken(campaign: campaign.number, revision: campaign.revision, link: link, address: address)
                .text { UnsubscribeKey.mac($0, responseKey) }
        }
        let url = publicURL ?? ""
        return CampaignDesign.Counting(links: design.links.indices.map { "\(url)/c/\(token($0))" }, pixel: "\(url)/o/\(token(nil))")
    }

    /// What may stand before an address in angle brackets without quotes.
    private static func phrase(_ text: String) -> String {
        String(text.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }.prefix(80))
    }
}

/// Purposes of keys of public pages.
enum PublicKeys {
    static let responses = "responses"
    static let signUps = "sign-ups"
}

/// Under what unsubscribe tokens are made: the same on all nodes, for as long as the master key is.
enum UnsubscribeKey {
    static let purpose = "unsubscribe"
    static func key(_ vault: KeyVault) -> SymmetricKey { SymmetricKey(data: vault.key(for: purpose)) }

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
        let frame = CampaignFrame(campaign, list: try await list(campaign.list), settings: settings)
        let content = try await content(of: campaign)
        let files = try await store.read { try content.files(of: campaign.number, in: $0) }
        return try CampaignWriter(frame, content, files: files, vault: vault)
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
