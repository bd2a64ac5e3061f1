import Campaigns
import Console
import Crypto
import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import Storage
import Submission

/// The form of a list, and the page that confirms: a person is on the list after both, and the ledger says what was read and when.
extension PublicDesk {
    /// The field of the form that only programs fill in.
    static let trap = "website"

    func signUp(_ name: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let list = try await administration.directory().lists[name], let pages = list.pages, pages.takesSignUps,
            Mailbox(pages.from) != nil
        else { return nil }
        let words = words(request, list)
        guard request.isPost else { return PublicReply(form(list, pages, words)) }
        guard let address = EmailAddress(request.form["email"]), address.domain != nil else {
            var page = form(list, pages, words, value: request.form["email"], error: words.text("subscribe.badAddress"))
            page.status = 422
            return PublicReply(page)
        }
        // What a program fills in gets the same answer.
        guard request.form[PublicDesk.trap].isEmpty else { return PublicReply(sent(list, words)) }
        switch try mayAsk(address, list, request) {
        case .tooMany:
            var page = PublicPage(words, words.text("page.busy.title"), list: list.shownTitle, texts: [words.text("page.tooMany")])
            page.status = 429
            return PublicReply(page)
        case .silent: return PublicReply(sent(list, words))
        case .ask: break
        }
        let tracking = pages.asksTracking && request.form["tracking"] == "yes"
        try await ask(address, list, pages, words, tracking: tracking)
        return PublicReply(sent(list, words))
    }

    private func form(
        _ list: MailingList, _ pages: ListPages, _ words: PublicWords, value: String = "", error: String = ""
    ) -> PublicPage {
        var page = PublicPage(
            words, words.text("subscribe.title"), list: list.shownTitle, texts: pages.about.isEmpty ? [] : [pages.about])
        var fields = [PublicPage.Field("email", words.text("subscribe.address"), .email, value: value, error: error)]
        if pages.asksTracking {
            let choice = PublicPage.Choice("yes", words.text("subscribe.tracking"))
            fields.append(PublicPage.Field("tracking", words.text("subscribe.optional"), .checks([choice])))
        }
        page.forms = [
            PublicPage.Form(
                words.text("subscribe.submit"), intro: [SignUpWording.text(list, pages, words)], fields: fields, trap: PublicDesk.trap)
        ]
        if pages.hasArchive { page.links = [(words.text("subscribe.archive"), "/l/\(list.name)/archive", "")] }
        return page
    }

    /// The same for an address that is known, unknown, suppressed or was asked already.
    private func sent(_ list: MailingList, _ words: PublicWords) -> PublicPage {
        PublicPage(words, words.text("subscribe.sent.title"), list: list.shownTitle, texts: [words.text("subscribe.sent")])
    }

    // MARK: - The mail

    private func ask(
        _ address: EmailAddress, _ list: MailingList, _ pages: ListPages, _ words: PublicWords, tracking: Bool
    ) async throws {
        guard let from = Mailbox(pages.from) else { return }
        let wording = SignUpWording.all(list, pages, words)
        let hash = SHA256.hash(data: Array(wording.utf8))
        let kept = ConsentWording(
            text: wording, list: list.name, language: words.language, formVersion: "\(pages.formVersion)", firstAt: .now)
        _ = try await administration.people(.keepWording(hash: hash.hexadecimal, kept))
        let token = SignUpToken(
            list: list.number, askedAt: .now, wordingHash: Array(hash), formVersion: pages.formVersion, wantsTracking: tracking,
            language: words.language, address: address)
        let link = "\(live.current.campaigns.publicURL ?? "")/s/\(token.text(mac: try mac(PublicKeys.signUps)))"
        var message = ComposedMessage(from: pages.from)
        message.to = ["\(address)"]
        message.subject = OwnMail.line(words.text("mail.subject", ["list": list.shownTitle]))
        message.text = words.text("mail.text", ["list": list.shownTitle, "address": "\(address)", "link": link]) + "\n"
        message.headers = OwnMail.automatic
        let content = try MessageBuilder.build(message, boundarySeed: RandomText.make())
        var parameters = MailParameters()
        (parameters.isInternationalized, parameters.body) = (true, .eightBit)
        let recipient = EnvelopeRecipient(address, notify: DSNNotify([]))
        if let reply = gate.reserve(bytes: content.count) { throw AdministrationError(.unavailable, reply.text) }
        defer { gate.release(bytes: content.count) }
        let outcome = await gate.submit(
            HTTPSubmission(
                principal: .list(list.name), address: nil, tlsVersion: nil, isEncrypted: false,
                envelope: Envelope(reversePath: .address(from.address), parameters: parameters, recipients: [recipient]),
                content: content, idempotency: nil))
        // Whether the address was taken is not told to who asks.
        if case .refused(let reply, _) = outcome {
            logger.warning("a confirmation was refused", metadata: ["list": "\(list.name)", "reply": "\(reply)"])
        }
    }

    // MARK: - Confirming

    func confirm(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let token = SignUpToken(text, mac: try mac(PublicKeys.signUps)) else { return nil }
        let directory = try await administration.directory()
        guard let list = directory.lists.values.first(where: { $0.number == token.list }), let pages = list.pages, pages.takesSignUps else {
            return nil
        }
        let words = words(request, list, person: token.language)
        let now = Timestamp.now
        guard token.isValid(at: now) else {
            var page = PublicPage(words, words.text("confirm.late.title"), list: list.shownTitle, texts: [words.text("confirm.late")])
            page.links = [(words.text("subscribe.title"), "/l/\(list.name)", "")]
            page.status = 410
            return PublicReply(page)
        }
        let values = ["address": "\(token.address)", "list": list.shownTitle]
        guard request.isPost else {
            var page = PublicPage(
                words, words.text("confirm.title"), list: list.shownTitle, texts: [words.text("confirm.ask", values)])
            page.forms = [
                PublicPage.Form(
                    words.text("confirm.submit"),
                    intro: [SignUpWording.text(list, pages, words)] + (token.wantsTracking ? [words.text("confirm.tracking")] : []))
            ]
            return PublicReply(page)
        }
        let key = token.address.key
        let entries = try await administration.store.read { try $0.consent(from: key, through: key)[key] ?? [] }
        // A link works once: who has left since is not brought back by it.
        let isUsed = entries.contains { $0.act == .asked && $0.at == token.askedAt && $0.list == list.name }
        if !isUsed { try await administration.join(token, list, at: now) }
        return PublicReply(
            PublicPage(
                words, words.text("confirm.done.title"), list: list.shownTitle,
                texts: [words.text(isUsed ? "confirm.used" : "confirm.done", values)]))
    }
}

/// What stands at the form, as it is hashed.
enum SignUpWording {
    static func text(_ list: MailingList, _ pages: ListPages, _ words: PublicWords) -> String {
        pages.wording[words.language] ?? words.text("subscribe.wording", ["list": list.shownTitle])
    }

    /// With the question about tracking where it is asked.
    static func all(_ list: MailingList, _ pages: ListPages, _ words: PublicWords) -> String {
        text(list, pages, words) + (pages.asksTracking ? "\n" + words.text("subscribe.tracking") : "")
    }
}

extension Administration {
    /// A person who has confirmed is on the list from here on.
    func join(_ token: SignUpToken, _ list: MailingList, at now: Timestamp) async throws {
        let act = Act(actor: "list:\(list.name)", reason: "confirmed by the person", at: now)
        let source = "form \(list.name), confirmed by mail"
        let hash = token.wordingHash.hexadecimal
        let version = "\(token.formVersion)"
        var entries = [
            ConsentEntry(
                at: token.askedAt, act: .asked, basis: .express, list: list.name, source: "form \(list.name)", wordingHash: hash,
                formVersion: version),
            ConsentEntry(
                at: now, act: .granted, basis: .express, list: list.name, source: source, wordingHash: hash, formVersion: version),
        ]
        if token.wantsTracking {
            entries.append(
                ConsentEntry(
                    at: now, act: .granted, subject: .tracking, basis: .express, list: list.name, source: source, wordingHash: hash,
                    formVersion: version))
        }
        let person = Subscriber(address: token.address, attributes: ["language": token.language], addedAt: now)
        _ = try await people(
            .join(person, list: list.number, entries, act.entry("subscriber.subscribe", target: "\(list.name) \(token.address)")))
        try await endUnsubscription(of: token.address, from: list, act)
    }

    /// Who asks to be on a list is written to again: by it, and where the person had left everything.
    func endUnsubscription(of address: EmailAddress, from list: MailingList, _ act: Act) async throws {
        let digest = try addressKey().digest(address)
        let keys = try await store.read { store in
            try store.suppressions(of: digest).filter { entry in
                // What ends by itself is a pause.
                guard entry.removedAt == nil, entry.key.reason == .unsubscribe, entry.expiresAt == nil else { return false }
                if case .list(let name) = entry.key.scope { return name.hasPrefix("\(list.name).") }
                return true
            }.map(\.key)
        }
        guard let first = keys.first else { return }
        _ = try await suppress(.remove(keys, at: act.at, audit: act.entry("suppression.remove", target: first.auditTarget)))
    }
}
