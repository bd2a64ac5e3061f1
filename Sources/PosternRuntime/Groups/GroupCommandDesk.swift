import Delivery
import DeliveryPlanning
import InternetMessage
import MailAuthentication
import MailModel
import OutboundPolicy

/// What people ask of a discussion list by mail. Nobody is told more than their own address: what they get goes there.
struct GroupCommandDesk: Sendable {
    let desk: GroupDesk
    let group: RecipientGroup
    let directory: Directory

    private static let done = SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Done")

    func perform(_ command: GroupCommand, _ post: ListPost) async throws -> GroupDesk.Answer {
        guard case .success(let header) = HeaderSection.scan(post.content) else { return .success(GroupCommandDesk.done) }
        let facts = MessageFacts.read(post.content, header: header)
        // Programs are not answered (RFC 3834 §2), or two of them would write to each other for ever.
        let isMail = post.record.reversePath != .null && !facts.isAutomatic && facts.precedence.isEmpty && facts.listIDs.isEmpty
        guard let author = facts.from.first, isMail || command == .confirm else { return .success(GroupCommandDesk.done) }
        switch command {
        case .join: try await join(author)
        case .leave: try await leave(author, post, facts)
        case .confirm: try await confirm(facts.subject)
        case .help: try await help(author)
        case .owner, .bounces: break
        }
        return .success(GroupCommandDesk.done)
    }

    private func join(_ author: EmailAddress) async throws {
        guard let discussion = group.discussion, mayJoin(author, discussion) else {
            return try await tell(author, "You cannot join \(group.address) by mail", "Ask an owner of it to add you.")
        }
        guard !group.members.contains(author) else { return try await tell(author, "You are on \(group.address)", "Nothing was changed.") }
        try await ask(author, .join, "Join \(group.address)?", "Somebody, we hope you, asked that \(author) joins \(group.address).")
    }

    private func mayJoin(_ author: EmailAddress, _ discussion: DiscussionList) -> Bool {
        switch discussion.joining {
        case .anyone: true
        case .organisation: directory.acceptedDomain(of: author) != nil
        case .closed: false
        }
    }

    /// Somebody who has signed in as themselves is taken at their word; others' From may be anybody's.
    private func leave(_ author: EmailAddress, _ post: ListPost, _ facts: MessageFacts) async throws {
        guard GroupTable.people(in: group.address, of: directory.groups).contains(author) else {
            return try await tell(author, "You are not on \(group.address)", "Nothing was changed.")
        }
        if post.record.principal == "account:\(author.key)" { return try await leave(author, "by mail") }
        try await ask(author, .leave, "Leave \(group.address)?", "Somebody, we hope you, asked that \(author) leaves \(group.address).")
    }

    private func confirm(_ subject: String) async throws {
        for word in subject.split(whereSeparator: \.isWhitespace) {
            guard let token = try desk.token(word), token.group == group.address else { continue }
            try await obey(token)
        }
    }

    /// What a token asks, by whoever has it.
    func obey(_ token: GroupToken) async throws {
        switch token.act {
        case .leave: try await leave(token.address, "by the address in a message")
        case .join: try await change("group.join", token.address) { $0.join(token.address) }
        case .decide: break
        }
    }

    func leave(_ address: EmailAddress, _ how: String) async throws {
        guard GroupTable.people(in: group.address, of: directory.groups).contains(address) else { return }
        try await change("group.leave", address, reason: how) { $0.leave(address) }
    }

    /// Written only where it changes something; done again where somebody else changed the group meanwhile.
    private func change(_ action: String, _ address: EmailAddress, reason: String = "", _ edit: (inout RecipientGroup) -> Void) async throws
    {
        for isLast in [false, false, true] {
            let directory = try await desk.administration.directory()
            guard var changed = directory.groups[group.address] else { return }
            edit(&changed)
            guard changed != directory.groups[group.address] else { return }
            let act = Act(actor: "member:\(address.key)", reason: reason, at: .now)
            do {
                try GroupRules.check(changed, in: directory)
                let entry = act.entry(action, target: "\(group.address) \(address)")
                return try await desk.administration.expecting(notAfter: directory.version).put(
                    .group, name: group.address.key, changed, entry: entry)
            } catch let error as AdministrationError where error.kind == .conflict && !isLast {
                continue
            }
        }
    }

    private func help(_ author: EmailAddress) async throws {
        guard let discussion = group.discussion else { return }
        var lines = [
            "\(group.title) <\(group.address)>", "", "Write to it:  \(group.address)", "Leave it:     \(group.address(of: .leave))",
        ]
        if discussion.joining != .closed { lines.append("Join it:      \(group.address(of: .join))") }
        if !group.owners.isEmpty { lines.append("Its owners:   \(group.address(of: .owner))") }
        try await tell(author, "How to use \(group.address)", lines.joined(separator: "\n"))
    }

    private func ask(_ address: EmailAddress, _ act: GroupToken.Act, _ subject: String, _ text: String) async throws {
        let end = Timestamp.now + .seconds(Int64(GroupDesk.linkDays) * 86_400)
        let token = try desk.text(of: GroupToken(act, group: group.address, address: address, expiresAt: end))
        var ways = ["Send a mail with this line as its subject to \(group.address(of: .confirm)):", "  \(token)"]
        if let url = desk.settings().campaigns.publicURL { ways = ["Open \(url)/g/\(token)", "", "Or:"] + ways }
        try await tell(address, subject, "\(text)\n\n\(ways.joined(separator: "\n"))\n\nElse do nothing: nothing is changed then.")
    }

    private func tell(_ address: EmailAddress, _ subject: String, _ text: String) async throws {
        try await desk.send(
            GroupNotice(
                recipient: address, subject: subject, text: text, from: group.owners.isEmpty ? nil : group.address(of: .owner),
                matched: group.address.key))
    }
}

extension RecipientGroup {
    /// Who is in it by its source, or by a group within it, is remembered.
    mutating func leave(_ address: EmailAddress) {
        let isNamed = members.contains(address)
        members.removeAll { $0 == address }
        if source != nil || !isNamed, left.count < RecipientGroup.membersMax, !left.contains(address) { left.append(address) }
    }

    mutating func join(_ address: EmailAddress) {
        left.removeAll { $0 == address }
        if !members.contains(address) { members.append(address) }
    }
}
