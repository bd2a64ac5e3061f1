/// The page of the twin: one table of mailboxes with what can be done to them, alerts, and what arrived.
enum ExchangeTwinPage {
    static func html(_ state: TwinStateView, _ messages: [TwinMessageView]) -> String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Twin of Exchange Online</title><style>\(style)</style></head><body>
        <h1>Twin of Exchange Online</h1>
        <p>\(escape(state.tenant.domains.joined(separator: ", "))) · \(escape(state.now)) at \(escape(state.clock)) ·
        external recipients of 24 hours: \(state.tenant.externalOfDay) of \(state.tenant.quota)\(state.tenant.banned ? " · <b>tenant banned</b>" : "")</p>
        <p>Outbound policy: external \(limit(state.policy.externalPerHour)) an hour, internal \(limit(state.policy.internalPerHour)) an hour,
        \(limit(state.policy.recipientsPerDay)) a day, then \(escape(state.policy.action))</p>
        <p>\(jump("3600", "An hour later")) \(jump("86400", "A day later"))</p>
        <table><caption>Mailboxes</caption><tr><th>Mailbox</th><th>State</th><th>Hour ext/int</th><th>24 h</th><th>Taken/refused</th><th>Send as</th><th></th></tr>
        \(state.mailboxes.prefix(200).map(row).joined())</table>
        <table><caption>Alerts</caption><tr><th>At</th><th>Alert</th><th>About</th><th>Hits</th></tr>
        \(state.alerts.prefix(20).map { "<tr><td>\(escape($0.at))</td><td>\(escape($0.name))</td><td>\(escape($0.entity))</td><td>\($0.hits)</td></tr>" }.joined())</table>
        <table><caption>Arrived</caption><tr><th>Accepted</th><th>From</th><th>To</th><th>Subject</th><th>Pool</th><th>Left</th></tr>
        \(messages.map(row).joined())</table>
        </body></html>
        """
    }

    static let style =
        "body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem auto;max-width:75rem;padding:0 1rem}table{border-collapse:collapse;"
        + "width:100%;margin:1rem 0}caption{text-align:left;font-weight:600}td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;"
        + "vertical-align:top}form{display:inline}@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}a{color:#8bf}}"

    private static func limit(_ number: Int) -> String { number == 0 ? "without limit" : "at most \(number)" }

    static func jump(_ seconds: String, _ label: String) -> String { form("jump", label, ["seconds": seconds]) }

    private static func form(_ act: String, _ label: String, _ fields: [String: String]) -> String {
        let hidden = fields.sorted { $0.key < $1.key }.map { "<input type=\"hidden\" name=\"\($0.key)\" value=\"\(escape($0.value))\">" }
        return "<form method=\"post\" action=\"act\"><input type=\"hidden\" name=\"act\" value=\"\(act)\">\(hidden.joined())"
            + "<button>\(escape(label))</button></form>"
    }

    private static func row(_ mailbox: TwinMailboxView) -> String {
        let words = mailbox.words
        let box = ["mailbox": mailbox.address]
        var acts = [
            form("full", mailbox.full ? "Empty" : "Fill", box.merging(["on": mailbox.full ? "0" : "1"]) { $1 }),
            form(
                "licensed", mailbox.licensed ? "Take licence" : "Give licence", box.merging(["on": mailbox.licensed ? "0" : "1"]) { $1 }),
            form("enabled", mailbox.enabled ? "Disable" : "Enable", box.merging(["on": mailbox.enabled ? "0" : "1"]) { $1 }),
        ]
        if mailbox.restriction != nil { acts.append(form("release", "Unblock", box)) }
        let rights = mailbox.sendAs.map { escape($0) + " " + form("revoke", "Revoke", box.merging(["as": $0]) { $1 }) }
        let grant =
            "<form method=\"post\" action=\"act\"><input type=\"hidden\" name=\"act\" value=\"grant\"><input type=\"hidden\" "
            + "name=\"mailbox\" value=\"\(escape(mailbox.address))\"><input name=\"as\" size=\"18\" aria-label=\"Address to send as\">"
            + "<button>Grant</button></form>"
        return "<tr><td>\(escape(mailbox.address))</td><td>\(escape(words.isEmpty ? "sends" : words.joined(separator: "; ")))</td>"
            + "<td>\(mailbox.externalOfHour)/\(mailbox.internalOfHour)</td><td>\(mailbox.recipientsOfDay)</td>"
            + "<td>\(mailbox.accepted)/\(mailbox.refused)</td><td>\(rights.joined(separator: "<br>")) \(grant)</td>"
            + "<td>\(acts.joined(separator: " "))</td></tr>"
    }

    private static func row(_ message: TwinMessageView) -> String {
        let recipients = message.recipients.prefix(3).joined(separator: ", ") + (message.recipients.count > 3 ? " …" : "")
        return "<tr><td>\(escape(message.acceptedAt))</td><td>\(escape(message.sender.isEmpty ? "<>" : message.sender))</td>"
            + "<td>\(escape(recipients))</td><td><a href=\"v1/messages/\(escape(message.id))\">\(escape(message.subject.isEmpty ? "(none)" : message.subject))</a></td>"
            + "<td>\(escape(message.pool))</td><td>\(message.left ? "yes" : escape(message.leavesAt))</td></tr>"
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
