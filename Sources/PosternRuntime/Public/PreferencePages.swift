import Campaigns
import Console
import MailModel
import OutboundPolicy
import Storage

/// Leaving a list, and what else a person can choose.
extension PublicDesk {
    private var leaving: UnsubscribeDesk { UnsubscribeDesk(administration: administration, logger: logger) }

    func unsubscribe(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        if let vault = administration.vault, let answer = UnsubscribeTest.answer(toToken: text, vault) {
            return PublicReply(PublicPage(words(request), "Self-test", texts: [answer]))
        }
        guard let token = try token(text) else { return nil }
        let directory = try await administration.directory()
        let list = directory.lists.values.first { $0.number == token.list }
        let words = words(request, list, person: try await language(of: token.address, request))
        let values = ["address": "\(token.address)", "list": list?.shownTitle ?? words.text("list.this")]
        guard request.isPost else {
            var page = PublicPage(
                words, words.text("leave.title"), list: list?.shownTitle ?? "", texts: [words.text("leave.ask", values)])
            page.forms = [PublicPage.Form(words.text("leave.submit"), hidden: ["List-Unsubscribe": "One-Click"])]
            page.links = [(words.text("leave.other"), "/p/\(text)", "")]
            return PublicReply(page)
        }
        try await leaving.leave(token, list, directory, at: .now)
        var page = PublicPage(
            words, words.text("leave.done.title"), list: list?.shownTitle ?? "", texts: [words.text("leave.done", values)])
        page.links = [(words.text("prefs.title"), "/p/\(text)", "")]
        return PublicReply(page)
    }

    // MARK: - Preferences

    /// What is known of a person at the preference centre.
    private struct Standing {
        var lists: [(list: MailingList, isOn: Bool)]
        var isTracked: Bool
        var pause: Suppression?
    }

    /// Days for which all lists can be paused.
    private static let pauses = [30, 90]

    func preferences(_ text: String, _ request: PublicRequest) async throws -> PublicReply? {
        guard let token = try token(text) else { return nil }
        let directory = try await administration.directory()
        let own = directory.lists.values.first { $0.number == token.list }
        let words = words(request, own, person: try await language(of: token.address, request))
        guard request.isPost else {
            return PublicReply(page(token.address, try await standing(token, directory), words))
        }
        let before = try await standing(token, directory)
        let isAll = request.form["do"] == "leave-all"
        let act = Act(actor: "subscriber", reason: "at the preference centre", at: .now)
        try await change(
            token, before,
            isAll
                ? Standing(lists: before.lists.map { ($0.list, false) }, isTracked: false)
                : Standing(
                    lists: before.lists.map { ($0.list, request.form.all("lists").contains($0.list.name)) },
                    isTracked: request.form["tracking"] == "yes"), directory, act)
        if !isAll { try await pause(token.address, request.form["pause"], before, act) }
        var page = page(token.address, try await standing(token, directory), words)
        page.notice = words.text(isAll ? "prefs.all.done" : "prefs.saved")
        return PublicReply(page)
    }

    private func standing(_ token: UnsubscribeToken, _ directory: Directory) async throws -> Standing {
        let address = token.address
        let digest = try administration.addressKey().digest(address)
        let lists = Dictionary(directory.lists.values.map { ($0.number, $0) }) { first, _ in first }
        return try await administration.store.read { store in
            let members = try store.memberships(of: address)
            let entries = try store.consent(from: address.key, through: address.key)[address.key] ?? []
            let shown = members.compactMap { member -> (list: MailingList, isOn: Bool)? in
                guard let list = lists[member.list], list.number == token.list || list.pages?.isPublic == true else { return nil }
                return (list, member.subscriber.state == .subscribed)
            }
            let pause = try store.suppressions(of: digest).first { entry in
                entry.removedAt == nil && entry.key.scope == .tenant && entry.key.reason == .unsubscribe
                    && entry.expiresAt.map { $0 > .now } ?? false
            }
            let isTracked = shown.contains { ConsentState(entries, list: $0.list.name, subject: .tracking, at: .now) == .valid }
            return Standing(lists: shown.sorted { $0.list.shownTitle < $1.list.shownTitle }, isTracked: isTracked, pause: pause)
        }
    }

    private func page(_ address: EmailAddress, _ standing: Standing, _ words: PublicWords) -> PublicPage {
        var page = PublicPage(words, words.text("prefs.title"), texts: [words.text("prefs.for", ["address": "\(address)"])])
        guard !standing.lists.isEmpty else {
            page.texts.append(words.text("prefs.none"))
            return page
        }
        let lists = standing.lists.map {
            PublicPage.Choice($0.list.name, $0.list.shownTitle, isChosen: $0.isOn, note: $0.list.pages?.about ?? "")
        }
        let until = standing.pause?.expiresAt.map { String($0.rfc3339.prefix(10)) }
        var pauses = [PublicPage.Choice("", words.text("prefs.pause.no"), isChosen: until == nil)]
        if let until {
            pauses.append(PublicPage.Choice("keep", words.text("prefs.pause.until", ["date": until]), isChosen: true))
        }
        pauses += PublicDesk.pauses.map { PublicPage.Choice("\($0)", words.text("prefs.pause.days", ["days": "\($0)"])) }
        let tracking = PublicPage.Choice("yes", words.text("prefs.tracking.yes"), isChosen: standing.isTracked)
        page.forms = [
            PublicPage.Form(
                words.text("prefs.save"),
                fields: [
                    PublicPage.Field("lists", words.text("prefs.lists"), .checks(lists)),
                    PublicPage.Field("pause", words.text("prefs.pause"), .radio(pauses)),
                    PublicPage.Field("tracking", words.text("prefs.tracking"), .checks([tracking])),
                ], hidden: ["do": "save"]),
            PublicPage.Form(
                words.text("prefs.all.submit"), title: words.text("prefs.all.title"), intro: [words.text("prefs.all")],
                hidden: ["do": "leave-all"], isQuiet: true),
        ]
        return page
    }

    private func change(
        _ token: UnsubscribeToken, _ before: Standing, _ after: Standing, _ directory: Directory, _ act: Act
    ) async throws {
        let address = token.address
        for (old, new) in zip(before.lists, after.lists) where old.isOn != new.isOn {
            if new.isOn {
                let entry = ConsentEntry(
                    at: act.at, act: .granted, basis: .express, list: old.list.name, source: "preference centre")
                let person = Subscriber(address: address, addedAt: act.at)
                let audit = act.entry("subscriber.subscribe", target: "\(old.list.name) \(address)")
                _ = try await administration.people(.join(person, list: old.list.number, [entry], audit))
                try await administration.endUnsubscription(of: address, from: old.list, act)
            } else {
                // By the latest campaign of the list, whose name its entry of the suppression list has.
                let campaigns = directory.campaigns.values.filter { $0.list == old.list.name }
                let own = campaigns.first { $0.number == token.campaign } ?? campaigns.max { $0.number < $1.number }
                if let own {
                    let leave = UnsubscribeToken(campaign: own.number, list: old.list.number, address: address)
                    try await leaving.leave(leave, old.list, directory, at: act.at)
                } else {
                    try await leaving.withdraw(address, old.list, act)
                }
            }
        }
        guard before.isTracked != after.isTracked else { return }
        let entries = before.lists.map { row in
            ConsentEntry(
                at: act.at, act: after.isTracked ? .granted : .withdrawn, subject: .tracking,
                basis: after.isTracked ? .express : .unknown, list: row.list.name, source: "preference centre")
        }
        _ = try await administration.people(.consent(address, entries))
    }

    /// A pause is an entry of the suppression list that ends by itself: what is in the queue keeps to it too.
    private func pause(_ address: EmailAddress, _ choice: String, _ before: Standing, _ act: Act) async throws {
        guard choice != "keep" else { return }
        if let pause = before.pause {
            _ = try await administration.suppress(
                .remove([pause.key], at: act.at, audit: act.entry("suppression.remove", target: pause.key.auditTarget)))
        }
        guard let days = Int(choice), PublicDesk.pauses.contains(days) else { return }
        let digest = try administration.addressKey().digest(address)
        let key = SuppressionKey(tenant: .standard, scope: .tenant, digest: digest, reason: .unsubscribe)
        let entry = Suppression(
            key: key, address: address, source: act.actor, note: "paused for \(days) days", createdAt: act.at,
            expiresAt: act.at + .seconds(Int64(days) * 86_400))
        _ = try await administration.suppress(.put([entry], audit: act.entry("suppression.add", target: key.auditTarget)))
    }
}
