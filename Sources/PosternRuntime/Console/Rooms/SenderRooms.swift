import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var senderRooms: [Room] { [accounts, account] + connectorRooms + groupRooms + [domains, domain] }

    static let classes = [
        Field.Option("personal", "personal: a person writes"), Field.Option("application", "application: a program sends"),
        Field.Option("campaign", "campaign: bulk mail"),
    ]

    static func roleField(_ chosen: [String]) -> Field {
        let texts: [Role: String] = [
            .administrator: "administrator: everything", .operator: "operator: queue, routes, the stop button",
            .helpDesk: "help desk: where is my mail", .author: "author: sends and sees own mail, as everybody may",
            .campaigns: "campaigns: lists, people, newsletters", .approver: "approver: lets go what was held",
            .viewer: "viewer: sees everything, changes nothing",
        ]
        return Field(
            "roles", "Roles", .checks(Role.allCases.map { Field.Option($0.rawValue, texts[$0] ?? $0.rawValue) }), values: chosen,
            hint: "Without a role, somebody sees own mail only.")
    }

    // MARK: - Accounts

    private var accounts: Room {
        Room(
            "/accounts", scopes(.accountsRead),
            acts: [
                "add": Room.Act(scopes(.accountsWrite)) { request in
                    let outcome = try await perform(
                        AddAccount(
                            address: try request.address("address"), grants: try Rooms.grants(request, "grants"),
                            roles: request.form.all("roles"),
                            trafficClass: TrafficClassName(rawValue: request.form["class"])?.trafficClass ?? .personal),
                        request)
                    return .page(await secret(outcome, "The account was made", back: Link("Accounts", "/accounts")))
                }
            ]
        ) { request in
            let rows = try await perform(ListAccounts(), request)
            let restricted = Set(try await ifAllowed(ListRestrictions(), request)?.map(\.sender) ?? [])
            let shown = ListPage(rows, request) { $0.address }
            let table = Table(
                "Accounts", ["Address", "State", "Roles", "Class", "App passwords", "May also send as"],
                shown.rows.map { row in
                    [
                        Table.Cell(row.address, href: PagePath.make("accounts", row.address)),
                        Rooms.state(row, isRestricted: restricted.contains(row.address.lowercased())),
                        Table.Cell(row.roles.joined(separator: ", ")), Table.Cell(row.trafficClass), .number(row.appPasswords.count),
                        Table.Cell(
                            row.grants.prefix(3).joined(separator: ", "),
                            note: row.grants.count > 3 ? "and \(row.grants.count - 3) more" : ""),
                    ]
                }, empty: "There are no accounts. People and programs that sign in need one each.", more: shown.more)
            let add = Form(
                act: "add", "Add", title: "Add an account", intro: "A password is made and shown once.",
                fields: [
                    Field("address", "Address", .input("email"), isRequired: true),
                    Field("grants", "May also send as", .area(2), hint: "Addresses, @domains or *, one a line."),
                    Field("class", "What it sends", .select(Rooms.classes), value: "personal"), Rooms.roleField([]),
                    .reason(isRequired: false),
                ], isFolded: true)
            return .page(
                Page(
                    "Accounts", lead: "Who signs in with a name and a password.",
                    blocks: ListPage<AccountView>.search(request, "Addresses", total: rows.count) + [.table(table), .form(add)]))
        }
    }

    private static func state(_ row: AccountView, isRestricted: Bool) -> Table.Cell {
        if row.disabled { return Table.Cell("disabled", tone: .neutral) }
        if isRestricted { return Table.Cell("restricted", href: PagePath.make("restricted", "sender:\(row.address)"), tone: .bad) }
        return Table.Cell(row.expires.isEmpty ? "active" : "until \(PageTime.text(row.expires))", tone: .good)
    }

    static func grants(_ request: PageRequest, _ name: String) throws -> [AddressGrant] {
        try request.form.list(name).map { text in
            guard let grant = AddressGrant(text) else {
                throw Problem.invalid([FieldProblem(.body, "/\(name)", "holds \"\(text.prefix(100))\", which is no address, @domain or *")])
            }
            return grant
        }
    }

    /// With the password that is shown this once, and with what a program wants to know beside it.
    private func secret(_ outcome: AccountOutcome, _ title: String, back: Link) async -> Page {
        var page = Page(title, back: back)
        if let password = outcome.generatedPassword {
            page.blocks.append(
                .notice(
                    Notice(
                        .good, "Password of \(outcome.account.address), shown this once", text: "Nobody can look it up later.",
                        secret: password)))
        }
        page.blocks.append(.links([Link("The account", PagePath.make("accounts", outcome.account.address))]))
        if let settings = try? await administration.settings() {
            page.blocks += Rooms.programSettings(settings, user: outcome.account.address)
        }
        return page
    }

    /// What to enter in a mail program or an application.
    private static func programSettings(_ settings: Settings, user: String) -> [Block] {
        var ports: [Fact] = []
        let submission = settings.submission
        if submission.tlsPort > 0 { ports.append(Fact("Port", "\(submission.tlsPort)", note: "Encryption: TLS, also called SSL/TLS")) }
        if submission.port > 0 {
            ports.append(
                Fact(ports.isEmpty ? "Port" : "Or port", "\(submission.port)", note: "Encryption: STARTTLS, also called TLS if available"))
        }
        return [
            .heading("Enter this in the program"),
            .facts(
                [Fact("Server (SMTP)", settings.node.hostName.text, isCode: true)] + ports + [
                    Fact("Sign-in", "with user name and password"), Fact("User name", user, isCode: true),
                ]),
            .text(
                "A program or device that cannot encrypt cannot sign in: make it a connector, known by its address, and let that submit without TLS."
            ),
            .links([Link("Connectors", "/connectors")]),
        ]
    }

    private var account: Room {
        let saved = { @Sendable (_: AccountOutcome, request: PageRequest) in PageAnswer.done("Saved", to: request.path) }
        return Room(
            "/accounts/{address}", scopes(.accountsRead),
            acts: [
                "enable": act({ SetAccountEnabled(address: try $0.pathAddress("address"), isEnabled: $0.form["to"] == "on") }, done: saved),
                "roles": act(
                    { request in
                        SetAccountRoles(
                            address: try request.pathAddress("address"), roles: request.form.all("roles").compactMap(Role.init(rawValue:)))
                    }, done: saved),
                "expire": act({ SetAccountExpiry(address: try $0.pathAddress("address"), expiresAt: try $0.time("expires")) }, done: saved),
                "grant": act(
                    { request in
                        ChangeGrants(
                            address: try request.pathAddress("address"), add: try Rooms.grants(request, "add"),
                            remove: try request.form.all("remove").compactMap { try Rooms.grant($0) })
                    }, done: saved),
                "password": Room.Act(scopes(.accountsWrite)) { request in
                    let outcome = try await perform(SetPassword(address: try request.pathAddress("address"), password: nil), request)
                    return .page(await secret(outcome, "The password was changed", back: Link("The account", request.path)))
                }.asking { request in
                    Room.Question(
                        "The password of \(request["address"]) ends at once, wherever it is in use. The new one is shown once.",
                        "Make a new password")
                },
                "app-password": Room.Act(scopes(.accountsWrite)) { request in
                    let operation = AddAppPassword(address: try request.pathAddress("address"), label: request.form["label"])
                    let outcome = try await perform(operation, request)
                    return .page(await secret(outcome, "The app password was made", back: Link("The account", request.path)))
                },
                "remove-app-password": act(
                    {
                        RemoveAppPassword(address: try $0.pathAddress("address"), label: $0.form.exactly("label"))
                    }, done: saved),
                "remove-second-factor": act({ RemoveSecondFactor(address: try $0.pathAddress("address")) }) { _, request in
                    .done("The second factor is removed, and its sessions are over", to: request.path)
                },
                "end-sessions": act({ EndSessions(account: try $0.pathAddress("address")) }) { affected, request in
                    .done("Ended: \(RoomWords.count(affected.count, "session", "sessions"))", to: request.path)
                },
            ]
        ) { request in
            let address = try request.pathAddress("address")
            guard let view = try await perform(ListAccounts(), request).first(where: { $0.address == address.description }) else {
                throw Problem.notFound("There is no account \(address).")
            }
            let restrictions = try await ifAllowed(ListRestrictions(), request) ?? []
            return .page(AccountPage(view: view, restriction: restrictions.first { $0.entity == "sender:\(address.key)" }).page)
        }
    }

    static func grant(_ text: String) throws -> AddressGrant? { text.isEmpty ? nil : AddressGrant(text) }

    // MARK: - Domains

    private var domains: Room {
        Room(
            "/domains", scopes(.domainsRead),
            acts: [
                "add": act({ request in
                    var fixed: [String: JSONValue] = [:]
                    fixed["host"] = try request.host()
                    return try request.input(DomainInput.self, texts: ["domain"], flags: ["subdomains"], fixed: fixed).operation()
                }) { view, _ in .done("The domain \(view.domain) is accepted", to: "/domains") }
            ]
        ) { request in
            let rows = try await perform(ListDomains(), request)
            let table = Table(
                "Accepted domains", ["Domain", "Subdomains", "Its mail goes to", "Unknown recipients"],
                rows.map { row in
                    [
                        Table.Cell(row.domain, href: PagePath.make("domains", row.domain)), Table.Cell(row.subdomains ? "too" : "no"),
                        Table.Cell(row.host.isEmpty ? "as the routes say" : row.host),
                        Table.Cell(row.isChecked ? "refused" : "taken"),
                    ]
                }, empty: "There are none. Recipients in your own domains are internal, and have limits of their own.")
            let add = Form(
                act: "add", "Add", title: "Add a domain of the organisation",
                fields: [
                    Field("domain", "Domain", isRequired: true), Field("subdomains", "Its subdomains too", .flag),
                    Field("host", "Host that its mail goes to", hint: "Empty: the routes decide."),
                    Field("port", "Port", .input("number"), hint: "25 where it is empty."), .reason(isRequired: false),
                ], isFolded: true)
            return .page(
                Page(
                    "Domains", lead: "The organisation's own domains: their recipients are internal.", blocks: [.table(table), .form(add)]))
        }
    }

    private var domain: Room {
        Room(
            "/domains/{domain}", scopes(.domainsRead),
            acts: [
                "addresses": act({ request in
                    ChangeKnownAddresses(
                        domain: try Rooms.pathDomain(request), add: try request.addresses("addresses"), remove: [],
                        replaces: request.form.isOn("replaces"))
                }) { view, request in
                    .done("\(view.domain) has \(RoomWords.count(view.count, "listed address", "listed addresses"))", to: request.path)
                },
                "check": act({ SetRecipientCheck(domain: try Rooms.pathDomain($0), isChecked: $0.form["to"] == "on") }) { _, request in
                    .done("Saved", to: request.path)
                },
                "remove": act({ RemoveDomain(domain: try Rooms.pathDomain($0)) }) { _, request in
                    .done("The domain \(request["domain"]) is no longer accepted", to: "/domains")
                },
            ]
        ) { request in
            let domain = try Rooms.pathDomain(request)
            guard let view = try await perform(ListDomains(), request).first(where: { $0.domain == domain.text }) else {
                throw Problem.notFound("\(domain) is no accepted domain.")
            }
            let known = try await perform(ListKnownAddresses(domain: domain), request)
            let shown = ListPage(known, request) { $0.address }
            var page = Page(
                view.domain, lead: view.isChecked ? "Recipients that are not known are refused." : "Every recipient is taken.",
                back: Link("Domains", "/domains"))
            let health = try await ifAllowed(ListDomainHealth(), request)?.first { $0.domain == view.domain }
            page.blocks = [
                .facts([
                    Fact(
                        "What receivers find", DomainWords.state(health?.state ?? ""),
                        note: health.map { $0.worst } ?? "", href: PagePath.make("domain-health", view.domain))
                ]),
                .links(
                    Rooms.domainLinks(view.domain, "")
                        + (request.viewer.scopes.contains(AccessScope.dkimRead.rawValue)
                            ? [Link("DKIM keys", Rooms.dkimPath(view.domain))] : [])),
                .form(
                    Form(
                        act: "check", view.isChecked ? "Take every recipient" : "Refuse unknown recipients", look: .inline,
                        hidden: ["to": view.isChecked ? "off" : "on"], label: "Whether recipients of \(view.domain) are checked")),
            ]
            page.blocks += ListPage<KnownAddressView>.search(request, "Addresses", total: known.count)
            page.blocks.append(
                .table(
                    Table(
                        "Known addresses", ["Address", "Known as"],
                        shown.rows.map { [Table.Cell($0.address), Table.Cell($0.kind.rawValue)] },
                        empty: "None is known.", more: shown.more)))
            page.blocks.append(
                .form(
                    Form(
                        act: "addresses", "Save", title: "List addresses",
                        fields: [
                            Field("addresses", "Addresses", .area(5), hint: "One a line.", isRequired: true),
                            Field("replaces", "In place of those that are listed", .flag), .reason(isRequired: false),
                        ], isFolded: true)))
            page.blocks.append(
                .form(Form(act: "remove", "Remove the domain", look: .inline, tone: .bad, label: "Remove the domain \(view.domain)")))
            return .page(page)
        }
    }

    private static func pathDomain(_ request: PageRequest) throws -> DomainName {
        guard let domain = DomainName(request["domain"]) else { throw Problem.notFound("\(request["domain"].prefix(200)) is no domain.") }
        return domain
    }
}
