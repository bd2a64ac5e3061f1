import Campaigns
import Console
import ContentReading
import Logging
import MailAuthentication
import MailModel
import OutboundPolicy

/// Pages behind the links in mail about groups: a GET shows what it is about and changes nothing, a POST does it.
struct GroupLinks: Sendable {
    let desk: GroupDesk

    /// `form`: of a POST; nil for a GET.
    func take(token text: String, form: FormValues?) async -> FeedbackReply {
        do {
            guard let token = try desk.token(text) else {
                return page(
                    404, "This address does not work", "It is not whole, or its time is over. Please take it from the message again.")
            }
            let directory = try await desk.administration.directory()
            guard let group = directory.groups[token.group] else {
                return page(404, "There is no such group", "\(token.group) does not exist any more.")
            }
            if token.act == .decide { return try await decide(token, group, form) }
            let isLeaving = token.act == .leave
            guard form != nil else { return ask(token, group, isLeaving) }
            try await GroupCommandDesk(desk: desk, group: group, directory: directory).obey(token)
            return page(
                200, isLeaving ? "You have left \(group.title)" : "You have joined \(group.title)",
                isLeaving
                    ? "\(token.address) gets no more mail of \(group.address)." : "\(token.address) gets the mail of \(group.address).")
        } catch let error as AdministrationError {
            return page(error.kind == .failed || error.kind == .unavailable ? 503 : 409, "That could not be done", "\(error)")
        } catch {
            desk.logger.error("a link about a group could not be followed", metadata: ["error": "\(error)"])
            return page(503, "Not now", "Please try again in a minute.")
        }
    }

    private func ask(_ token: GroupToken, _ group: RecipientGroup, _ isLeaving: Bool) -> FeedbackReply {
        let word = isLeaving ? "Leave" : "Join"
        return FeedbackReply(
            status: 200,
            text: document(
                "\(word) \(group.title)",
                """
                <p>\(word) \(HTMLText.escaped("\(group.address)")) as \(HTMLText.escaped("\(token.address)"))?</p>
                <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">\(word)</button></form>
                """))
    }

    // MARK: - Decisions

    private func decide(_ token: GroupToken, _ group: RecipientGroup, _ form: FormValues?) async throws -> FeedbackReply {
        // Whoever has it decides as this owner, as long as they are one.
        let act = Act(actor: "owner:\(token.address.key)", reason: OwnMail.line(form?["reason"] ?? ""), at: .now)
        guard let form else {
            let post = try await desk.administration.perform(ShowGroupPost(message: token.message), act)
            return FeedbackReply(status: 200, text: document("Decide on a message", decisionForm(post)))
        }
        guard let decision = DecideGroupPosts.Decision(rawValue: form["decision"]) else {
            return page(400, "Nothing was decided", "Choose to let it go or to reject it.")
        }
        let operation = DecideGroupPosts(messages: [token.message], decision: decision)
        let outcome = try await desk.administration.perform(operation, act)
        guard outcome.messages == 1 else { return page(200, "It was decided before", "Nothing of it waits any more.") }
        return page(
            200, decision == .approve ? "Let go" : "Rejected",
            decision == .approve ? "It is on its way to \(outcome.recipients) recipients." : "It is not sent to \(group.address).")
    }

    private func decisionForm(_ post: GroupPostDetail) -> String {
        func row(_ name: String, _ value: String) -> String { "<dt>\(name)</dt><dd>\(HTMLText.escaped(value))</dd>" }
        let line = post.line
        let facts =
            row("Group", line.group) + row("From", line.from) + row("Subject", line.subject) + row("Recipients", "\(line.recipients)")
        let text = post.preview.map { $0.text.isEmpty ? "(no text)" : $0.text } ?? "Its content is no longer kept."
        let files = post.preview?.files.map(\.name).joined(separator: ", ") ?? ""
        return """
            <dl>\(facts)\(files.isEmpty ? "" : row("Files", files))</dl>
            <pre>\(HTMLText.escaped(text))</pre>
            <form method="post">
            <p><label for="reason">Reason, for the author; needed to reject</label><br><input id="reason" name="reason" maxlength="200"></p>
            <p><button type="submit" name="decision" value="approve">Let it go</button>
            <button type="submit" name="decision" value="reject">Reject</button></p></form>
            """
    }

    // MARK: - Pages

    private func page(_ status: Int, _ title: String, _ text: String) -> FeedbackReply {
        FeedbackReply(status: status, text: document(title, "<p>\(HTMLText.escaped(text))</p>"))
    }

    private func document(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
        <title>\(HTMLText.escaped(title))</title>
        <style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}button,input{font:inherit;padding:.5rem 1rem}
        input{width:100%;box-sizing:border-box}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid;padding:1rem}dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}</style>
        </head><body><main><h1>\(HTMLText.escaped(title))</h1>
        \(body)
        </main></body></html>

        """
    }
}
