import Delivery
import DeliveryPlanning
import GateCore
import InternetMessage
import Logging
import MailAuthentication
import MailModel
import OutboundPolicy
import SMTPProtocol
import Submission

/// Makes a group's own message of one that has come to it, and does what people ask of a list by mail.
struct GroupDesk: Sendable {
    let administration: Administration
    let gate: any HTTPGate
    let settings: @Sendable () -> Settings
    let logger: Logger

    /// Of `GroupToken`.
    static let keyName = "group-token"
    /// How long owners have to decide by a link, and those who ask to join to confirm it.
    static let linkDays = 14
    static let postRule = "group.post"

    typealias Answer = GroupDistribution.Answer

    func distribute(_ post: ListPost) async -> Answer {
        do {
            let directory = try await administration.directory()
            guard let place = GroupPlace(post.recipient.address, in: directory.groups) else {
                return .failure(refused(EnhancedStatusCode(5, 1, 1), "\(post.recipient.address) is no group any more"))
            }
            guard let command = place.command else { return try await send(post, place.group, directory) }
            return try await GroupCommandDesk(desk: self, group: place.group, directory: directory).perform(command, post)
        } catch {
            logger.warning("a message to a group could not be sent on", metadata: ["message": "\(post.record.id)", "error": "\(error)"])
            return .failure(GroupDistribution.later("The group could not be reached: \(error)"))
        }
    }

    private func refused(_ code: EnhancedStatusCode, _ text: String) -> DeliveryFailure {
        .local(550, code, text, scope: .message, stage: .mail)
    }

    // MARK: - Sending on

    private func send(_ post: ListPost, _ group: RecipientGroup, _ directory: Directory) async throws -> Answer {
        guard case .success(let header) = HeaderSection.scan(post.content) else {
            return .failure(refused(EnhancedStatusCode(5, 6, 0), "The header of the message cannot be read"))
        }
        let facts = MessageFacts.read(post.content, header: header)
        let author = facts.from.first
        let all = GroupTable.people(in: group.address, of: directory.groups)
        let people = group.discussion?.copiesAuthor == false ? all.filter { $0 != author } : all
        guard !people.isEmpty else { return .success(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Nobody else is in \(group.address)")) }
        let wait = group.moderationReason(
            of: GroupPost(
                author: author, isProven: PassedDomains.prove(author, post.record.findings), isInternal: false,
                isMember: author.map(all.contains) ?? false))
        var content = post.content
        if let discussion = group.discussion {
            content = await edits(discussion, group, author, directory).applied(to: content, header: header, author: facts.headerFromText)
        }
        if let reply = gate.reserve(bytes: content.count) { return .failure(GroupDistribution.later(reply.text)) }
        defer { gate.release(bytes: content.count) }
        let mark = IdempotencyMark(principal: "group:\(group.address.key)", key: "\(post.record.id)", requestHash: "")
        let outcome = await gate.submit(
            HTTPSubmission(
                principal: .group(group.address), address: nil, tlsVersion: nil, isEncrypted: false,
                envelope: envelope(post, group, people), content: content, idempotency: mark,
                notes: notes(post, group, author, people.count, wait)))
        switch outcome {
        case .kept(let id), .repeated(let id, _):
            if let wait {
                try await tellOwners(of: id, post, group, wait, people.count, directory)
                return .success(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "It waits for an owner of \(group.address) as message \(id)"))
            }
            return .success(
                SMTPReply(250, EnhancedStatusCode(2, 0, 0), "\(group.address) sends it on to \(people.count) recipients as message \(id)"))
        case .recipientsRefused(let refused):
            return .failure(self.refused(EnhancedStatusCode(5, 1, 1), refused.first?.refusal.reply.text ?? ""))
        case .refused(let reply, _):
            guard reply.code >= 500 else { return .failure(GroupDistribution.later(reply.text)) }
            return .failure(refused(reply.enhancedCode ?? EnhancedStatusCode(5, 7, 0), reply.text))
        }
    }

    /// A list's mail comes from the list, and its reports go there. What a moderated group lets through stays its author's.
    private func envelope(_ post: ListPost, _ group: RecipientGroup, _ people: [EmailAddress]) -> Envelope {
        let record = post.record
        var parameters = MailParameters()
        parameters.body = record.body
        parameters.isInternationalized = record.isInternationalized
        parameters.requiresTLS = record.tlsWish == .verified
        let isList = group.discussion != nil
        if !isList {
            parameters.dsnReturn = record.dsnReturn
            parameters.envelopeID = record.envelopeID
        }
        let notify = isList ? DSNNotify([]) : post.recipient.notify
        return Envelope(
            reversePath: isList ? .address(group.address(of: .bounces)) : record.reversePath, parameters: parameters,
            recipients: people.map { EnvelopeRecipient($0, notify: notify) })
    }

    private func notes(
        _ post: ListPost, _ group: RecipientGroup, _ author: EmailAddress?, _ count: Int, _ wait: String?
    ) -> [Finding] {
        var notes = [
            Finding(
                rule: GroupDesk.postRule, matched: "\(post.record.id) \(author.map(\.description) ?? "")",
                explanation: "\(group.address) sends on message \(post.record.id) of \(author.map(\.description) ?? "nobody") to its "
                    + "\(count) recipients, who were counted when it came.")
        ]
        if let wait { notes.append(Finding(rule: GateCore.moderatedRule, matched: group.address.key, explanation: wait)) }
        // By which it is sealed on its way out: what a list changed breaks the author's signature.
        return notes + post.record.findings.filter { $0.rule == PassedDomains.rule }
    }

    // MARK: - The list's fields

    private func edits(
        _ discussion: DiscussionList, _ group: RecipientGroup, _ author: EmailAddress?, _ directory: Directory
    ) async -> ListEdits {
        let rewrites =
            switch discussion.authorField {
            case .list: true
            case .author: false
            case .safe: await wouldBeRefused(author, directory)
            }
        let address = group.address
        func mailto(_ command: GroupCommand) -> String { "<mailto:\(group.address(of: command))>" }
        var fields = [
            ComposedMessage.Header(
                name: "List-Post", value: group.posting == .owners ? "NO (owners alone write to it)" : "<mailto:\(address)>"),
            ComposedMessage.Header(name: "List-Help", value: mailto(.help)),
        ]
        if discussion.joining != .closed { fields.append(ComposedMessage.Header(name: "List-Subscribe", value: mailto(.join))) }
        if !group.owners.isEmpty { fields.append(ComposedMessage.Header(name: "List-Owner", value: mailto(.owner))) }
        if let archive = discussion.archive { fields.append(ComposedMessage.Header(name: "List-Archive", value: "<\(archive)>")) }
        return ListEdits(
            address: address, title: group.title, id: discussion.id(of: address), prefix: discussion.prefix, rewritesFrom: rewrites,
            answersGoToList: discussion.answers == .list, fields: fields)
    }

    /// Whether receivers would refuse or quarantine the author's domain from us: what we do not sign for it, and where its DMARC record says
    /// so. What DNS does not say counts as yes.
    private func wouldBeRefused(_ author: EmailAddress?, _ directory: Directory) async -> Bool {
        guard let domain = author?.domain else { return true }
        if directory.dkimKeys.keys.contains(where: { domain.isWithin($0) && !(directory.dkimKeys[$0] ?? []).isEmpty }) { return false }
        guard let live = administration.live else { return true }
        var answers: [DomainName: DNSAnswer<String>] = [:]
        while true {
            switch DMARCWalk.step(domain, answers) {
            case .ask(let place):
                guard let name = DMARCWalk.name(of: place) else { return true }
                answers[place] = await live.txt(name)
            case .done(let walk):
                guard walk.unknown.isEmpty else { return true }
                guard let found = walk.governing else { return false }
                let policy = found.domain == domain ? found.record.policy : found.record.subdomainPolicy ?? found.record.policy
                return (policy ?? .none) != .none
            }
        }
    }

    // MARK: - Owners

    private func tellOwners(
        of id: MessageID, _ post: ListPost, _ group: RecipientGroup, _ wait: String, _ count: Int, _ directory: Directory
    ) async throws {
        let record = post.record
        for owner in group.owners {
            let text = """
                A message to \(group.address) waits for you.

                From:       \(OwnMail.line(record.headerFrom))
                Subject:    \(OwnMail.line(record.subject))
                Recipients: \(count)

                \(wait)

                \(try decisionText(id, group, owner))
                """
            try await send(GroupNotice(recipient: owner, subject: "To be decided: \(record.subject)", text: text, matched: "\(id)"))
        }
        // An address of others may be made up, and a program would answer.
        let ownSender = directory.accounts[record.sender]?.address ?? record.reversePath.address
        guard let author = ownSender, directory.acceptedDomain(of: author) != nil else { return }
        let text = "Your message \"\(OwnMail.line(record.subject))\" to \(group.address) waits for an owner of the group.\n\n\(wait)"
        try await send(GroupNotice(recipient: author, subject: "It waits: \(record.subject)", text: text, matched: "\(id)"))
    }

    private func decisionText(_ id: MessageID, _ group: RecipientGroup, _ owner: EmailAddress) throws -> String {
        let end = Timestamp.now + .seconds(Int64(GroupDesk.linkDays) * 86_400)
        let command = "postern groups approve \(id), or the page of the group in the console"
        guard let url = settings().campaigns.publicURL else { return "Decide by: \(command)" }
        let token = GroupToken(.decide, group: group.address, address: owner, message: id, expiresAt: end)
        return """
            Read it, and let it go or reject it, here until \(PostTime.text(end)):
            \(url)/g/\(try text(of: token))

            The address is yours alone: whoever has it decides in your name.
            """
    }

    func send(_ notice: GroupNotice) async throws { try await administration.live?.send(notice) }

    func text(of token: GroupToken) throws -> String {
        guard let vault = administration.vault else { throw AdministrationError(.failed, "links need this node's secrets/master.key") }
        return try token.text(key: vault.key(for: GroupDesk.keyName))
    }

    func token(_ text: some StringProtocol) throws -> GroupToken? {
        guard let vault = administration.vault else { return nil }
        return try GroupToken(text, key: vault.key(for: GroupDesk.keyName), at: .now)
    }
}

extension RecipientGroup {
    /// As people read it.
    package var title: String {
        guard let title = discussion?.title, !title.isEmpty else { return address.localPart }
        return title
    }
}
