import ContentReading
import ContentScan
import DeliveryPlanning
import GateCore
package import MailModel
package import OutboundPolicy
import Storage

/// A message that waits for an owner of a group.
package struct GroupPostLine: Codable, Hashable, Sendable {
    package var message: String
    package var group: String
    package var received: String
    package var from: String
    package var subject: String
    package var recipients: Int
    /// Why it waits.
    package var text: String

    init(_ held: HeldMessage, _ group: EmailAddress) {
        let record = held.record
        (message, self.group, received) = (record.id.description, group.description, record.receivedAt.rfc3339)
        (from, subject, recipients) = (record.headerFrom, record.subject, held.held)
        text = record.findings.first { $0.rule == GateCore.moderatedRule }?.explanation ?? ""
    }
}

package struct GroupPostDetail: Codable, Hashable, Sendable {
    package var line: GroupPostLine
    /// Missing where the content is no longer kept.
    package var preview: ReviewPreview?
}

/// Who may decide about which groups' messages: those who review held mail about all, an owner about the own.
struct GroupRights: Sendable {
    private var decidesAll = false
    private var owner: EmailAddress?

    init(_ act: Act, _ directory: Directory) {
        let name = act.actor.drop { $0 != ":" }.dropFirst()
        if act.actor.hasPrefix("local:") {
            decidesAll = true
        } else if act.actor.hasPrefix("account:"), let account = directory.accounts[String(name)], !account.isDisabled {
            let scopes = account.roles.compactMap(Role.init(rawValue:)).reduce(into: Set<AccessScope>()) { $0.formUnion($1.scopes) }
            (decidesAll, owner) = (scopes.contains(.reviewDecide), account.address)
        } else if act.actor.hasPrefix("api-key:"), let key = directory.apiKeys[String(name)],
            let principal = directory.principal(of: key, at: act.at)
        {
            (decidesAll, owner) = (principal.scopes.contains(.reviewDecide), key.account)
        } else if act.actor.hasPrefix("owner:") {
            owner = EmailAddress(name)
        }
    }

    func mayDecide(_ group: RecipientGroup) -> Bool { decidesAll || owner.map(group.owners.contains) ?? false }

    /// Whether what is held for more than its group's owner may go too.
    var mayReleaseAll: Bool { decidesAll }
}

extension MessageRecord {
    /// The group whose owners it waits for; nil for other mail.
    fileprivate var moderatedGroup: EmailAddress? {
        guard principal.hasPrefix("group:"), findings.contains(where: { $0.rule == GateCore.moderatedRule }) else { return nil }
        return EmailAddress(principal.dropFirst(6))
    }

    /// What else it is held for; nil for nothing.
    fileprivate var otherHold: String? {
        findings.first { $0.rule.hasPrefix("scan.held-") || $0.rule == "pool.empty" || $0.rule.hasPrefix("rate.") }?.explanation
    }
}

/// Messages that wait for an owner, newest first: of groups that the caller decides about.
package struct ListGroupPosts: AdministrativeOperation {
    package static let name = "groups.posts"
    package static let scope = AccessScope.groupsModerate
    /// Nil for all.
    package var group: EmailAddress?

    package init(group: EmailAddress? = nil) { self.group = group }

    /// Messages shown, and held ones that are looked at for them.
    private static let shownMax = 200
    private static let lookedMax = 5000

    package func perform(in administration: Administration, _ act: Act) async throws -> [GroupPostLine] {
        let directory = try await administration.directory()
        if let group { _ = try administration.group(group, in: directory) }
        let rights = GroupRights(act, directory)
        let wanted = Set(directory.groups.values.filter { rights.mayDecide($0) && (group ?? $0.address) == $0.address }.map(\.address))
        guard !wanted.isEmpty else { return [] }
        var lines: [GroupPostLine] = []
        var next: MessageID? = MessageID(Int64.max)
        var looked = 0
        while let place = next, lines.count < ListGroupPosts.shownMax, looked < ListGroupPosts.lookedMax {
            let found = try await administration.store.read { try $0.heldMessages(through: place, limit: 200) }
            looked += found.count
            for held in found {
                if let group = held.record.moderatedGroup, wanted.contains(group) { lines.append(GroupPostLine(held, group)) }
            }
            next = found.count < 200 ? nil : found.last.map { MessageID($0.record.id.value - 1) }
        }
        return Array(lines.prefix(ListGroupPosts.shownMax))
    }
}

/// What a message says that waits for an owner. Reading it is noted in the audit.
package struct ShowGroupPost: AdministrativeOperation {
    package static let name = "groups.post"
    package static let scope = AccessScope.groupsModerate
    package var message: MessageID

    package init(message: MessageID) { self.message = message }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupPostDetail {
        let id = message
        let (detail, group) = try await administration.waitingPost(id, act)
        let content = try await administration.store.read { try $0.content(of: id, tenant: detail.record.tenant) }
        _ = try await administration.store.perform(.audit(act.entry("group.post-show", target: "\(group.address) \(id)")))
        let preview: ReviewPreview? =
            if let content { try await BlockingWork.runLong { ReviewPreview(ContentReader().facts(content).content) } } else { nil }
        let held = detail.recipients.count { $0.state == .held }
        return GroupPostDetail(line: GroupPostLine(HeldMessage(record: detail.record, held: held), group.address), preview: preview)
    }
}

extension Administration {
    /// A message that waits for an owner, by somebody who may decide. Others are told as if there were none.
    fileprivate func waitingPost(_ id: MessageID, _ act: Act) async throws -> (MessageDetail, RecipientGroup) {
        let directory = try await directory()
        guard let detail = try await store.read({ try $0.message(id) }), let address = detail.record.moderatedGroup,
            let group = directory.groups[address], GroupRights(act, directory).mayDecide(group)
        else {
            throw AdministrationError(
                .notFound, "no message \(id) waits for you", "`postern groups posts` shows those that do.")
        }
        guard detail.recipients.contains(where: { $0.state == .held }) else {
            throw AdministrationError(
                .notFound, "nothing of message \(id) waits any more", "`postern explain \(id)` says what became of it.")
        }
        return (detail, group)
    }
}

/// Lets messages go to their group, or rejects them.
package struct DecideGroupPosts: AdministrativeOperation {
    package enum Decision: String, Codable, Hashable, Sendable, CaseIterable {
        case approve, reject
    }

    package struct Outcome: Codable, Hashable, Sendable {
        package var messages: Int
        package var recipients: Int
        /// Authors that were told.
        package var notices: Int
    }

    package static let name = "groups.decide"
    package static let scope = AccessScope.groupsModerate
    /// 1…`messagesMax`.
    package var messages: [MessageID]
    package var decision: Decision

    package static let messagesMax = 200

    package init(messages: [MessageID], decision: Decision) {
        self.messages = messages
        self.decision = decision
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Outcome {
        guard (1...DecideGroupPosts.messagesMax).contains(messages.count) else {
            throw AdministrationError(.invalid, "\(messages.count) messages are out of range", "Give 1 to \(DecideGroupPosts.messagesMax).")
        }
        guard decision == .approve || !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "there is no reason", "Say why it is rejected: the author and the audit log have it.")
        }
        let directory = try await administration.directory()
        var outcome = Outcome(messages: 0, recipients: 0, notices: 0)
        for id in messages where !Task.isCancelled {
            let (detail, group) = try await administration.waitingPost(id, act)
            if decision == .approve, let other = detail.record.otherHold, !GroupRights(act, directory).mayReleaseAll {
                throw AdministrationError(.denied, "message \(id) is held for more: \(other)", "Who reviews held mail has to let it go.")
            }
            var filter = QueueFilter()
            (filter.message, filter.states) = (id, [.held])
            let entry = act.entry("group.\(decision.rawValue)", target: "\(group.address) \(id)")
            let count = try await administration.act(
                QueueAct(verb: decision == .approve ? .release : .cancel, filter: filter, audit: entry))
            guard count > 0 else { continue }
            outcome.messages += 1
            outcome.recipients += count
            if decision == .reject, await tell(detail.record, group, act, directory, administration) { outcome.notices += 1 }
        }
        return outcome
    }

    /// The author, where they are of the organisation: another's address may be made up.
    private func tell(
        _ record: MessageRecord, _ group: RecipientGroup, _ act: Act, _ directory: Directory, _ administration: Administration
    ) async -> Bool {
        let finding = record.findings.first { $0.rule == GroupDesk.postRule }
        guard let text = finding?.matched.split(separator: " ").last, let author = EmailAddress(text),
            directory.acceptedDomain(of: author) != nil
        else { return false }
        let notice = GroupNotice(
            recipient: author, subject: "Not sent: \(record.subject)",
            text:
                "Your message \"\(OwnMail.line(record.subject))\" to \(group.address) is not sent: an owner of the group has rejected it.\n\n"
                + "Reason: \(OwnMail.line(act.reason))", from: group.discussion == nil ? nil : group.address(of: .owner),
            matched: record.id.description)
        do {
            try await administration.live?.send(notice)
            return administration.live != nil
        } catch {
            return false
        }
    }
}
