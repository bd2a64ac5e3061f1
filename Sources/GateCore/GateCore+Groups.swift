import DeliveryPlanning
import InternetMessage
import MailModel
import OutboundPolicy

// Mail to groups.
extension GateCore {
    /// The finding that has a group's message wait for an owner.
    package static let moderatedRule = "group.moderated"

    /// Mail to a group goes to its members: at once, or by way of the group where that makes a message of its own of it. Either way all of
    /// them are counted now. Nil: it may.
    mutating func expandGroups(_ arrival: inout Arrival) -> Verdict? {
        guard !policies.groups.isEmpty else { return nil }
        // These are the members.
        if case .group = arrival.submitter.principal { return nil }
        var recipients: [EnvelopeRecipient] = []
        var seen: Set<EmailAddress> = []
        for recipient in arrival.envelope.recipients {
            guard let place = policies.groups.place(recipient.address) else {
                if seen.insert(recipient.address).inserted { recipients.append(recipient) }
                continue
            }
            let group = place.group
            if place.command == nil, let refusal = group.refusal(of: post(arrival, to: group)) { return refusal }
            let people =
                place.command == nil ? policies.groups.people(in: group.address) ?? [] : place.command == .owner ? group.owners : []
            if let most = group.expansionMax, place.command == nil, people.count > most { return tooLarge(group, people.count, most) }
            let goesLater = directory.goesToGroupDesk(recipient.address)
            if goesLater {
                guard seen.insert(recipient.address).inserted else { continue }
                recipients.append(recipient)
                arrival.groupsLater.insert(recipient.address)
            }
            for person in people where seen.insert(person).inserted {
                if goesLater {
                    arrival.membersLater.append(person)
                } else {
                    recipients.append(EnvelopeRecipient(person, notify: recipient.notify, originalRecipient: recipient.originalRecipient))
                }
            }
            if place.command != nil && place.command != .owner { continue }
            arrival.findings.append(
                Finding(
                    rule: "group.expanded", matched: recipient.address.key,
                    explanation: "\(recipient.address) stands for \(people.count) recipients; each of them counts."))
        }
        guard !recipients.isEmpty else { return empty(arrival.envelope.recipients.first?.address) }
        for group in arrival.groupsLater where policies.groups.people(in: group)?.isEmpty == true { return empty(group) }
        arrival.envelope.recipients = recipients
        let count = recipients.count - arrival.groupsLater.count + arrival.membersLater.count
        guard count <= settings.recipientsMax else {
            return .refuse(
                554, EnhancedStatusCode(5, 5, 3),
                "Too many recipients: \(count) after groups were expanded, \(settings.recipientsMax) is the most; use a list",
                rule: "group.too-large", matched: "\(count)/\(settings.recipientsMax)")
        }
        return nil
    }

    private func tooLarge(_ group: RecipientGroup, _ count: Int, _ most: Int) -> Verdict {
        .refuse(
            554, EnhancedStatusCode(5, 5, 3),
            "\(group.address) stands for \(count) recipients, and mail to it may have \(most); an owner or administrator can say otherwise",
            rule: "group.too-large", matched: "\(count)/\(most)")
    }

    private func empty(_ group: EmailAddress?) -> Verdict {
        .refuse(550, EnhancedStatusCode(5, 1, 1), "The group has no members", rule: "group.empty", matched: group?.key ?? "")
    }

    private func post(_ arrival: Arrival, to group: RecipientGroup) -> GroupPost {
        let facts = arrival.facts
        let author = facts.from.first
        return GroupPost(
            author: author, isProven: !arrival.isUnproven && PassedDomains.prove(author, arrival.findings),
            isInternal: author.map { directory.acceptedDomain(of: $0) != nil } ?? false,
            isMember: author.map { policies.groups.isMember($0, of: group.address) } ?? false,
            isReport: arrival.envelope.reversePath == .null, isAutomatic: facts.isAutomatic, precedence: facts.precedence,
            listIDs: facts.listIDs, bytes: arrival.bytes)
    }

    /// Whether a group's own message waits for an owner, as was decided when it was made.
    func isHeldForModeration(_ arrival: Arrival) -> Bool {
        guard case .group = arrival.submitter.principal else { return false }
        return arrival.findings.contains { $0.rule == GateCore.moderatedRule }
    }
}
