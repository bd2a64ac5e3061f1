import Console

/// One account, with all that can be done with it.
struct AccountPage {
    let view: AccountView
    /// That is in force; nil for none.
    let restriction: RestrictionView?

    var page: Page {
        var page = Page(view.address, lead: "Class \(view.trafficClass).", back: Link("Accounts", "/accounts"))
        if let restriction {
            page.blocks.append(
                .notice(
                    Notice(
                        .bad, "Restricted since \(PageTime.text(restriction.since)) UTC: it may not send",
                        text: restriction.reason, link: Link("Evidence and release", PagePath.make("restricted", restriction.entity)))))
        }
        page.blocks += [
            .facts([
                Fact("State", view.disabled ? "disabled" : "active", tone: view.disabled ? .bad : .good),
                Fact("Sends until", view.expires.isEmpty ? "for ever" : PageTime.text(view.expires)),
                Fact("Password", view.hasPassword ? "set" : "none: only app passwords"),
                Fact("Roles", view.roles.isEmpty ? "none: sees own mail only" : view.roles.joined(separator: ", ")),
            ]),
            .links([
                Link("Its mail", PagePath.make("trace", query: ["q": view.address])),
                Link("Its limits", PagePath.make("limits", view.address)),
                Link("Restrict it", PagePath.make("restricted", query: ["entity": "sender:\(view.address)"])),
            ]),
        ]
        page.blocks += buttons + [.table(appPasswords)]
        page.blocks.append(
            .form(
                Form(
                    act: "app-password", "Make", title: "Password for one device or program",
                    fields: [
                        Field("label", "What it is for", hint: "Such as: scanner, 2nd floor.", isRequired: true),
                        .reason(isRequired: false),
                    ])))
        page.blocks.append(.form(grants))
        page.blocks.append(
            .form(Form(act: "roles", "Save", title: "Roles", fields: [Rooms.roleField(view.roles), .reason(isRequired: false)])))
        page.blocks.append(
            .form(
                Form(
                    act: "expire", "Save", title: "Let it send until",
                    fields: [
                        Field("expires", "Until", .input("date"), value: String(view.expires.prefix(10)), hint: "Empty: for ever."),
                        .reason(isRequired: false),
                    ])))
        return page
    }

    private var buttons: [Block] {
        [
            Form.button(
                view.disabled ? "Enable" : "Disable", act: "enable", hidden: ["to": view.disabled ? "on" : "off"],
                tone: view.disabled ? nil : .bad, label: "\(view.disabled ? "Enable" : "Disable") \(view.address)"),
            .button("New password", act: "password", label: "Make a new password for \(view.address)"),
            .button("End its sessions", act: "end-sessions", label: "End the sessions of \(view.address)"),
            .button("Remove its second factor", act: "remove-second-factor", label: "Remove the second factor of \(view.address)"),
        ].map { .form($0) }
    }

    private var appPasswords: Table {
        Table(
            "App passwords", ["For", "Act"],
            view.appPasswords.map { label in
                [
                    Table.Cell(label),
                    .acts([
                        .button(
                            "Withdraw", act: "remove-app-password", hidden: ["label": label], label: "Withdraw the app password \(label)")
                    ]),
                ]
            }, empty: "It has none.")
    }

    private var grants: Form {
        var fields = [Field("add", "Also let it send as", .area(2), hint: "Addresses, @domains or *, one a line.")]
        if !view.grants.isEmpty {
            fields.insert(Field("remove", "Take away", .checks(view.grants.prefix(100).map { Field.Option($0, $0) })), at: 0)
        }
        return Form(act: "grant", "Save", title: "Send As", intro: "Beside its own address.", fields: fields + [.reason(isRequired: false)])
    }
}
