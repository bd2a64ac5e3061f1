import Campaigns
import Crypto
import InternetMessage
import MailModel
package import OutboundPolicy
import Storage

/// Hangs a file on the copies of a draft, in place of one of the same name. What the HTML names as `cid:NAME` is shown within it.
package struct AttachFile: AdministrativeOperation {
    package static let name = "campaigns.attach"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package var filename: String
    /// Nil: by the end of the name.
    package var contentType: String?
    /// Base 64.
    package var content: String

    package init(campaign: String, filename: String, contentType: String? = nil, content: String) {
        self.campaign = campaign
        self.filename = filename
        self.contentType = contentType
        self.content = content
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        typealias File = CampaignContent.Attachment
        guard let octets = Base64.decode(content.utf8), !octets.isEmpty else {
            throw AdministrationError(.invalid, "the content of \(filename.prefix(100)) is no base 64, or empty")
        }
        guard octets.count <= File.octetsMax else {
            throw AdministrationError(
                .invalid, "\(filename.prefix(100)) has \(octets.count) octets; a file on a campaign has \(File.octetsMax) at most",
                "Put it on a web page, and link to it.")
        }
        let digest = SHA256.hash(data: octets).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let file = File(name: filename, type: contentType ?? File.type(of: filename), digest: digest, octets: octets.count)
        try AttachFile.check(file, octets)
        return try await administration.change(campaign, act, "campaign.attach") { found, content in
            var files = (content.attachments ?? []).filter { $0.name != filename }
            files.append(file)
            guard files.count <= File.countMax, files.reduce(0, { $0 + $1.octets }) <= File.allOctetsMax else {
                throw AdministrationError(
                    .invalid, "more than \(File.countMax) files, or more than \(File.allOctetsMax) octets of them, hang on \(found.name)",
                    "Put them on a web page, and link to it.")
            }
            content.attachments = files
            let keep = CampaignWork.keepFile(campaign: found.number, digest: digest, content: octets)
            _ = try await administration.store.perform(.campaign(keep))
        }
    }

    /// Whether a message can be written with it.
    private static func check(_ file: CampaignContent.Attachment, _ octets: [UInt8]) throws {
        var message = ComposedMessage(from: "a@example.org")
        message.attachments = [ComposedMessage.Attachment(fileName: file.name, contentType: file.type, content: octets)]
        do {
            _ = try MessageBuilder.build(message, boundarySeed: "check")
        } catch {
            throw AdministrationError(.invalid, "the file \(file.name.prefix(100)) \(error.problem)")
        }
    }
}

/// Takes a file off a draft.
package struct DetachFile: AdministrativeOperation {
    package static let name = "campaigns.detach"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package var filename: String

    package init(campaign: String, filename: String) {
        self.campaign = campaign
        self.filename = filename
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        try await administration.change(campaign, act, "campaign.detach") { found, content in
            guard let files = content.attachments, files.contains(where: { $0.name == filename }) else {
                throw AdministrationError.noSuch("file on \(found.name)", filename)
            }
            content.attachments = files.count == 1 ? nil : files.filter { $0.name != filename }
        }
    }
}

extension Administration {
    /// Makes a new revision of a draft: what was checked and approved before counts no more.
    func change(
        _ name: String, _ act: Act, _ action: String, _ edit: (inout Campaign, inout CampaignContent) async throws -> Void
    ) async throws -> CampaignView {
        let directory = try await directory()
        var (found, state) = try await campaign(name, after: .edit)
        var content = try await content(of: found)
        try await edit(&found, &content)
        try mayWrite(as: found.sender, act, directory)
        found.revision += 1
        found.state = state
        (found.ticks, found.checkedBy, found.approvedBy) = ([], "", "")
        (found.pilot, found.pilotApprovedBy) = ([], "")
        found.createdBy = act.actor
        try await keep(content, of: found)
        try await put(found, seen: directory.version, entry: act.entry(action, target: name))
        return CampaignView(found)
    }
}

extension CampaignContent {
    /// The files of a revision, as copies carry them. What the HTML names by `cid:` stands within it.
    func files(of campaign: Int64, in store: any Store) throws -> [ComposedMessage.Attachment] {
        try (attachments ?? []).map { file in
            guard let octets = try store.campaignFile(campaign, digest: file.digest) else {
                throw CampaignCopies.Fault(description: "the file \(file.name) of campaign \(campaign) is not in the store")
            }
            let isShown = format == .html && body.contains("cid:\(file.name)")
            return ComposedMessage.Attachment(
                fileName: file.name, contentType: file.type, content: octets, contentID: isShown ? file.name : nil)
        }
    }
}
