import Console
import MailModel
import OutboundPolicy

/// The providers by which people sign in to the console.
extension Rooms {
    var signInRooms: [Room] { [signInProviders] }

    private var signInProviders: Room {
        let saved = { @Sendable (view: SignInProviderView, _: PageRequest) in
            PageAnswer.done("\(view.title) is saved", to: "/sign-in-providers")
        }
        return Room(
            "/sign-in-providers", scopes(.accountsWrite),
            acts: [
                "add": Room.Act(scopes(.accountsWrite)) { request in
                    let view = try await perform(
                        AddSignInProvider(provider: request.form["name"], change: request.signInChange()), request)
                    return .done(
                        "\(view.title) is added. Register \(view.returnPath) behind this console's address there, then check it.",
                        to: "/sign-in-providers")
                },
                "switch": act(
                    { request in
                        var change = SignInProviderChange()
                        change.enabled = request.form["to"] == "on"
                        return ChangeSignInProvider(provider: request.form["provider"], change: change)
                    }, done: saved),
                "check": Room.Act(scopes(.accountsWrite)) { request in
                    let check = try await perform(CheckSignInProvider(provider: request.form["provider"]), request)
                    guard check.ok else { throw Problem.unprocessable("The provider failed: \(check.text)") }
                    return .done("\(check.text) \(RoomWords.count(check.keys, "key", "keys")).", to: "/sign-in-providers")
                },
                "remove": act({ RemoveSignInProvider(provider: $0.form["provider"]) }) { _, request in
                    .done("The provider \(request.form["provider"]) is gone; passwords count again", to: "/sign-in-providers")
                },
                "unlink": act({ UnlinkSignIn(address: try $0.address("address")) }) { _, request in
                    .done("\(request.form["address"]) is linked to nobody any more", to: "/sign-in-providers")
                },
            ]
        ) { request in
            let rows = try await perform(ListSignInProviders(), request)
            return .page(
                Page(
                    "Sign-in providers", lead: "Where people sign in to this console beside, or in place of, their passwords here.",
                    blocks: [.table(Rooms.signInTable(rows)), .form(Rooms.signInForm(isFolded: !rows.isEmpty)), .form(Rooms.unlinkForm)]))
        }
    }

    private static func signInTable(_ rows: [SignInProviderView]) -> Table {
        Table(
            "Providers", ["Provider", "Issuer", "Leads back to", "Address from", "Roles from groups", "State", "Act"],
            rows.map { row in
                let roles = row.groupRoles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.joined(separator: ", "))" }
                let options = [
                    row.createsAccounts ? "makes accounts" : "", row.endsPasswords ? "ends passwords" : "",
                    row.hasSecret ? "" : "no secret",
                ].filter { !$0.isEmpty }
                return [
                    Table.Cell(row.title, note: row.name), Table.Cell(row.issuer, note: row.clientID),
                    Table.Cell(row.returnPath, isCode: true),
                    Table.Cell(row.addressClaim, note: row.trustsAddress ? "also unverified" : ""),
                    Table.Cell(roles.joined(separator: "; "), note: row.groupsClaim ?? ""),
                    Table.Cell(
                        row.disabled ? "off" : "on", tone: row.disabled ? .neutral : .good, note: options.joined(separator: ", ")),
                    .acts([
                        .button("Check", act: "check", hidden: ["provider": row.name], label: "Check the provider \(row.title)"),
                        .button(
                            row.disabled ? "Switch on" : "Switch off", act: "switch",
                            hidden: ["provider": row.name, "to": row.disabled ? "on" : "off"],
                            label: "Switch the provider \(row.title) \(row.disabled ? "on" : "off")"),
                        .button(
                            "Remove", act: "remove", hidden: ["provider": row.name], tone: .bad,
                            label: "Remove the provider \(row.title)"),
                    ]),
                ]
            }, empty: "There are none. People sign in by the passwords of their accounts.")
    }

    private static func signInForm(isFolded: Bool) -> Form {
        Form(
            act: "add", "Add", title: "Add a provider",
            intro: "Any with OpenID Connect: Microsoft Entra, Google, Keycloak, Authentik. It has to know this gate as a client first.",
            fields: [
                Field("name", "Name", hint: "Short; stands in the address that it leads back to.", isRequired: true),
                Field("label", "Title", hint: "As the sign-in page calls it."),
                Field(
                    "issuer", "Issuer", .input("url"),
                    hint: "Letter by letter as the provider writes it, such as https://login.example.org/realms/staff.",
                    isRequired: true),
                Field("clientID", "Client id", isRequired: true),
                Field("secret", "Client secret", .input("password"), hint: "Empty: a client without one.", autocomplete: "off"),
                Field("addressClaim", "Claim that holds the address", hint: "Empty: email, which the provider must have verified."),
                Field("trusts", "Take email also unverified", .flag, hint: "Only where nobody chooses their address there."),
                Field("groupsClaim", "Claim that names groups", hint: "Empty: groups give no roles."),
                Field("groupRoles", "Roles of groups", .area(3), hint: "GROUP=ROLE, one a line; for as long as somebody is signed in."),
                Field("creates", "Make accounts at the first sign-in", .flag, hint: "For addresses in accepted domains, without roles."),
                Field(
                    "ends", "End passwords at this console", .flag,
                    hint: "Of accounts that have signed in here. `postern sign-in disable` brings them back."),
                Field("private", "It may be a private address", .flag), .reason(isRequired: false),
            ], isFolded: isFolded)
    }

    private static let unlinkForm = Form(
        act: "unlink", "Unlink", title: "Unlink an account",
        intro: "An account belongs to the person at the provider who signed in to it first. Where an address changes hands, free it.",
        fields: [Field("address", "Account", .input("email"), isRequired: true), .reason()], isFolded: true)
}

extension PageRequest {
    fileprivate func signInChange() -> SignInProviderChange {
        var change = SignInProviderChange()
        change.label = form["label"]
        change.issuer = form["issuer"]
        change.clientID = form["clientID"]
        change.secret = form.exactly("secret")
        change.addressClaim = form["addressClaim"]
        change.trustsAddress = form.isOn("trusts")
        change.groupsClaim = form["groupsClaim"]
        change.groupRoles = form.lines("groupRoles")
        change.createsAccounts = form.isOn("creates")
        change.endsPasswords = form.isOn("ends")
        change.allowsPrivateAddresses = form.isOn("private")
        return change
    }
}
