import Console
import MailModel
import OutboundPolicy

/// Mailboxes as which a route hands on mail: on its page.
extension Rooms {
    var setIdentity: Room.Act {
        act(
            { request in
                guard let pattern = AddressPattern(request.form["pattern"]) else {
                    throw Problem.invalid([FieldProblem(.body, "/pattern", "is no pattern, such as *@example.org")])
                }
                let password = request.form.exactly("password")
                return SetRouteIdentity(
                    route: request["route"], pattern: pattern, user: request.form["user"], password: password.isEmpty ? nil : password)
            }, done: { _, request in .done("Saved", to: request.path) })
    }

    var removeIdentity: Room.Act {
        act(
            { request in
                guard let pattern = AddressPattern(request.form["pattern"]) else { throw Problem.invalid("That is no pattern.") }
                return RemoveRouteIdentity(route: request["route"], pattern: pattern)
            }, done: { _, request in .done("Their mail is handed on as the route's own user again", to: request.path) })
    }

    /// As whom a route that signs in hands on mail.
    static func identities(_ view: RouteView, seen: Int64) -> [Block] {
        guard view.user != nil else { return [] }
        let table = Table(
            "Handed on as another mailbox", ["Mail of", "As", "Signs in with", "Act"],
            view.identities.map { row in
                [
                    Table.Cell(row.pattern, isCode: true),
                    Table.Cell(row.user == HopIdentity.sender ? "the sender's own address" : row.user),
                    Table.Cell(row.hasPassword ? "a password of its own" : "the route's application"),
                    .acts([
                        .button(
                            "Remove", act: "remove-identity", hidden: ["pattern": row.pattern], tone: .bad,
                            label: "Remove the identity of \(row.pattern)")
                    ]),
                ]
            }, empty: "All mail is handed on as \(view.user ?? "the route's user").")
        let stopped = Table(
            "Mailboxes that stand still", ["Mailbox", "Why", "What to do", "Next probe", "Act"],
            view.stoppedIdentities.map { stop in
                let mailbox = String(stop.route.dropFirst(view.name.count + 1))
                return [
                    Table.Cell(mailbox, tone: .bad), Table.Cell(stop.text), Table.Cell(stop.advice), .time(stop.probeAt),
                    .acts([.button("Probe now", act: "probe", hidden: ["mailbox": mailbox], label: "Let one message of \(mailbox) through")]
                    ),
                ]
            }, empty: "")
        let form = Form(
            act: "identity", "Save", title: "Hand on mail of some senders as another mailbox",
            fields: [
                Field("pattern", "Mail of", hint: "Held against the envelope sender as it leaves: *@example.org.", isRequired: true),
                Field(
                    "user", "As", value: HopIdentity.sender, hint: "\(HopIdentity.sender) is the sender's own address.", isRequired: true,
                    autocomplete: "off"),
                Field(
                    "password", "Password", .input("password"),
                    hint: "Empty: the route's application signs in for it. Kept sealed; never shown again.", autocomplete: "new-password"),
                .reason(isRequired: false),
            ], hidden: ["seen": "\(seen)"], isFolded: true)
        return [.heading("Mailboxes"), .table(table)] + (view.stoppedIdentities.isEmpty ? [] : [.table(stopped)]) + [.form(form)]
    }
}
