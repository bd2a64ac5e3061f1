import Campaigns
import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Writes copies of campaigns when they are asked for, from what the store keeps of them. Knows the writers that were used last.
final class CampaignCopies: Sendable {
    /// Why a copy cannot be written just now, or ever.
    struct Fault: Error, CustomStringConvertible {
        var description: String
        /// What was frozen cannot become a message.
        var isPermanent = false
    }

    private struct Key: Hashable {
        var campaign: Int64
        var frame: Int64
    }

    private let vault: KeyVault
    private let writers = Mutex<[Key: CampaignWriter]>([:])

    /// A design takes some hundred kilobytes.
    private static let writersMax = 16

    init(vault: KeyVault) { self.vault = vault }

    /// The octets of a message as it leaves, but for signatures: `content` itself where it is no reference. Blocks: reads the store where a
    /// part of a campaign is met for the first time in a while.
    func written(_ content: [UInt8], of record: MessageRecord, to address: EmailAddress, in store: any Store) throws -> [UInt8] {
        guard CopyReference.isOne(content) else { return content }
        guard let reference = CopyReference(content) else {
            throw Fault(description: "what the store keeps of the copy is damaged", isPermanent: true)
        }
        let writer = try writer(Key(campaign: reference.campaign, frame: reference.frame), store)
        do {
            return try writer.copy(of: record, to: address, reference.attributes)
        } catch {
            throw Fault(description: "the copy cannot be written: \(error)", isPermanent: true)
        }
    }

    private func writer(_ key: Key, _ store: any Store) throws -> CampaignWriter {
        if let known = writers.withLock({ $0[key] }) { return known }
        guard let text = try store.campaignFrame(key.campaign, frame: key.frame) else {
            throw Fault(description: "what the copies of campaign \(key.campaign) are written from is not in the store")
        }
        let frame = try JSONText.decode(CampaignFrame.self, from: Data(text.utf8))
        guard let content = try store.campaignContent(key.campaign, revision: frame.campaign.revision) else {
            throw Fault(description: "revision \(frame.campaign.revision) of campaign \(key.campaign) is not in the store")
        }
        let said = try JSONText.decode(CampaignContent.self, from: Data(content.utf8))
        let writer = try CampaignWriter(frame, said, files: try said.files(of: key.campaign, in: store), vault: vault)
        writers.withLock { writers in
            if writers.count >= CampaignCopies.writersMax { writers.removeAll() }
            writers[key] = writer
        }
        return writer
    }
}

extension Administration {
    /// What a message says, for a person who looks at it; nil once all its recipients are final. `recipient`: the only one of a copy.
    func content(of record: MessageRecord, to recipient: EmailAddress?) async throws -> [UInt8]? {
        let copies = vault.map { CampaignCopies(vault: $0) }
        return try await store.read { store in
            guard let kept = try store.content(of: record.id, tenant: record.tenant) else { return nil }
            guard CopyReference.isOne(kept) else { return kept }
            guard let copies, let recipient else {
                throw AdministrationError(.failed, "a campaign's copy is written with this node's secrets/master.key, which is missing")
            }
            return try copies.written(kept, of: record, to: recipient, in: store)
        }
    }
}
