package import MailModel

/// Who may write to a group, beside its owners and its named senders.
package enum GroupPosting: String, Hashable, Sendable, Codable, CaseIterable {
    /// Everybody who may submit: people of others too, where a connector brings their mail.
    case anyone
    /// People of the organisation.
    case organisation
    case members
    case owners
    /// `senders` alone.
    case named
}

/// Whose mail to a group waits until an owner lets it go. Owners' own never does.
package enum GroupModeration: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    /// Of those who are not in it.
    case others
    case all
}

/// A message to a group, as the group decides on it.
package struct GroupPost: Hashable, Sendable {
    /// The first of From.
    package var author: EmailAddress?
    /// True where the author is who they say: an account or connector of ours, or others' mail whose own domain passed SPF or DKIM.
    package var isProven: Bool
    /// True for an author in an accepted domain.
    package var isInternal: Bool
    package var isMember: Bool
    /// The null reverse-path: a report.
    package var isReport: Bool
    /// Auto-Submitted is there and not `no` (RFC 3834 §5).
    package var isAutomatic: Bool
    /// Of Precedence, in lower case; empty where there is none.
    package var precedence: String
    /// Of all List-Id fields.
    package var listIDs: [String]
    /// Octets as it came.
    package var bytes: Int

    package init(
        author: EmailAddress?, isProven: Bool, isInternal: Bool, isMember: Bool, isReport: Bool = false, isAutomatic: Bool = false,
        precedence: String = "", listIDs: [String] = [], bytes: Int = 0
    ) {
        (self.author, self.isProven, self.isInternal, self.isMember) = (author, isProven, isInternal, isMember)
        (self.isReport, self.isAutomatic, self.precedence, self.listIDs, self.bytes) = (isReport, isAutomatic, precedence, listIDs, bytes)
    }
}

extension RecipientGroup {
    /// Why it does not take a message; nil where it does.
    package func refusal(of post: GroupPost) -> Verdict? { loopRefusal(of: post) ?? rightsRefusal(of: post) ?? sizeRefusal(of: post) }

    private func isOwner(_ address: EmailAddress?) -> Bool { address.map(owners.contains) ?? false }

    private func isNamed(_ address: EmailAddress?) -> Bool { address.map { address in senders.contains { $0.covers(address) } } ?? false }

    private func rightsRefusal(of post: GroupPost) -> Verdict? {
        let rule = posting ?? (senders.isEmpty ? .anyone : .named)
        guard rule != .anyone else { return nil }
        let author = post.author.map(\.description) ?? "nobody"
        // Whoever else may write as the author could pass for a member.
        guard post.isProven else {
            return .refuse(
                550, EnhancedStatusCode(5, 7, 1),
                "\(author) may not write to the group \(address): neither SPF nor DKIM of the domain in From passed",
                rule: "group.not-proven", matched: address.key)
        }
        let mayWrite =
            isOwner(post.author) || isNamed(post.author)
            || (rule == .organisation && post.isInternal) || (rule == .members && post.isMember)
        guard !mayWrite else { return nil }
        let words =
            switch rule {
            case .anyone: "everybody"
            case .organisation: "people of the organisation"
            case .members: "members"
            case .owners: "owners"
            case .named: "named senders"
            }
        return .refuse(
            550, EnhancedStatusCode(5, 7, 1), "\(author) may not write to the group \(address): only \(words) may",
            rule: "group.not-allowed",
            matched: address.key)
    }

    /// A discussion list answers nobody and takes no answers of programs: so two of them cannot feed each other.
    private func loopRefusal(of post: GroupPost) -> Verdict? {
        guard let discussion else { return nil }
        func refuse(_ text: String, _ rule: String, _ matched: String) -> Verdict {
            .refuse(554, EnhancedStatusCode(5, 4, 6), "\(address) does not take this message: \(text)", rule: rule, matched: matched)
        }
        let id = discussion.id(of: address)
        if post.listIDs.contains(id) { return refuse("it has been on this list before (List-Id \(id))", "group.loop", id) }
        if post.isReport { return refuse("it is a report", "group.automatic", "MAIL FROM:<>") }
        if post.isAutomatic { return refuse("a program wrote it (Auto-Submitted)", "group.automatic", "Auto-Submitted") }
        if ["bulk", "junk", "list"].contains(post.precedence) {
            return refuse("it comes from a list or a program (Precedence: \(post.precedence))", "group.automatic", post.precedence)
        }
        return nil
    }

    private func sizeRefusal(of post: GroupPost) -> Verdict? {
        guard let most = discussion?.kibibytesMax, post.bytes > most << 10 else { return nil }
        return .refuse(
            552, EnhancedStatusCode(5, 2, 3), "The message has \((post.bytes + 1023) >> 10) KiB; \(address) takes \(most)",
            rule: "group.message-too-large", matched: "\(post.bytes)/\(most << 10)")
    }

    /// Why a message that it takes waits for an owner; nil where it does not.
    package func moderationReason(of post: GroupPost) -> String? {
        switch moderation ?? .none {
        case .none: nil
        case .all, .others: post.isProven && (isOwner(post.author) || (moderation == .others && post.isMember)) ? nil : wait
        }
    }

    private var wait: String {
        moderation == .all
            ? "All mail to \(address) waits for an owner." : "Mail to \(address) of those who are no members waits for an owner."
    }

    /// True where a message to it becomes one of its own, with its own recipients, instead of being expanded where it comes in.
    package var distributes: Bool { discussion != nil || (moderation ?? .none) != .none }
}
