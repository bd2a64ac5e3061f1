import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var administrationRooms: [Room] { [setup, sessions, keys, notices, nodes, audit] }

    private var sessions: Room {
        Room(
            "/sessions", scopes(.accountsWrite), isPersonal: true,
            acts: [
                "end": act({ EndSessions(account: try $0.address("account"), session: $0.form["session"]) }) { _, _ in
                    .done("The session is over", to: "/sessions")
                }
            ]
        ) { request in
            let rows = try await perform(ListSessions(), request)
            return .page(
                Page(
                    "Sessions", lead: "Who is signed in to the console.",
                    blocks: [.table(Rooms.sessionTable(rows, own: request.viewer.session))]))
        }
    }

    static func sessionTable(_ rows: [SessionView], own: String) -> Table {
        Table(
            "Signed in", ["Account", "From", "Browser", "Since", "Last seen", "Second factor", "Act"],
            rows.map { row in
                let isOwn = own.hasPrefix(row.id)
                return [
                    Table.Cell(row.account, note: isOwn ? "this one" : ""), Table.Cell(row.address), Table.Cell(row.agent),
                    .time(row.began),
                    .time(row.seen), Table.Cell(row.secondFactor ? "yes" : "no", tone: row.secondFactor ? .good : .warning),
                    .acts(
                        isOwn
                            ? []
                            : [
                                .button(
                                    "End", act: "end", hidden: ["account": row.account, "session": row.id], tone: .bad,
                                    label: "End the session of \(row.account) from \(row.address) since \(PageTime.text(row.began))")
                            ]),
                ]
            }, empty: "Nobody is signed in.")
    }

    private var keys: Room {
        let saved = { @Sendable (_: APIKeyView, _: PageRequest) in PageAnswer.done("Saved", to: "/keys") }
        return Room(
            "/keys", scopes(.keysRead),
            acts: [
                "add": Room.Act(scopes(.keysWrite)) { request in
                    var fixed: [String: JSONValue] = ["roles": .array(request.form.all("roles").map(JSONValue.string))]
                    if let time = try request.time("expires") { fixed["expires"] = .string(time.rfc3339) }
                    let outcome = try await perform(
                        try request.input(APIKeyInput.self, texts: ["name", "account"], lists: ["scopes", "grants"], fixed: fixed)
                            .operation, request)
                    return .page(
                        Page(
                            "The key was made", back: Link("API keys", "/keys"),
                            blocks: [
                                .notice(
                                    Notice(
                                        .good, "Key \(outcome.key.name), shown this once", text: "For Authorization: Bearer.",
                                        secret: outcome.token))
                            ]))
                },
                "switch": act({ SetAPIKeyEnabled(key: $0.form["key"], isEnabled: $0.form["to"] == "on") }, done: saved),
                "remove": act({ RemoveAPIKey(key: $0.form["key"]) }) { _, request in
                    .done("The key \(request.form["key"]) is gone", to: "/keys")
                },
            ]
        ) { request in
            let rows = try await perform(ListAPIKeys(), request)
            let shown = ListPage(rows, request) { $0.name }
            return .page(
                Page(
                    "API keys", lead: "What programs show to use the interface under /v1.",
                    blocks: ListPage<APIKeyView>.search(request, "Names", total: rows.count) + [
                        .table(Rooms.keyTable(shown)), .form(Rooms.keyForm),
                    ]))
        }
    }

    private static func keyTable(_ shown: ListPage<APIKeyView>) -> Table {
        Table(
            "Keys", ["Name", "Acts for", "Roles", "Sends as", "Expires", "State", "Act"],
            shown.rows.map { row in
                [
                    Table.Cell(row.name), Table.Cell(row.account.isEmpty ? "itself" : row.account),
                    Table.Cell(
                        row.roles.map(\.rawValue).joined(separator: ", "), note: RoomWords.count(row.scopes.count, "right", "rights")),
                    Table.Cell(row.grants.joined(separator: ", ")), row.expires.map { .time($0) } ?? Table.Cell("never"),
                    Table.Cell(row.disabled ? "off" : "on", tone: row.disabled ? .neutral : .good),
                    .acts([
                        .button(
                            row.disabled ? "Switch on" : "Switch off", act: "switch",
                            hidden: ["key": row.name, "to": row.disabled ? "on" : "off"],
                            label: "Switch the key \(row.name) \(row.disabled ? "on" : "off")"),
                        .button("Remove", act: "remove", hidden: ["key": row.name], tone: .bad, label: "Remove the key \(row.name)"),
                    ]),
                ]
            }, empty: "There are no keys.", more: shown.more)
    }

    private static let keyForm = Form(
        act: "add", "Make", title: "Make a key", intro: "It is shown once.",
        fields: [
            Field("name", "Name", isRequired: true), roleField([]),
            Field("scopes", "Further rights", .area(2), hint: "Such as messages:send, one a line."),
            Field("account", "Acts for the account", .input("email"), hint: "Empty: the key is a sender of its own."),
            Field("grants", "Sends as", .area(2), hint: "For a key of its own: addresses, @domains or *."),
            Field("expires", "Expires", .input("date")), .reason(isRequired: false),
        ], isFolded: true)

    private var notices: Room {
        Room(
            "/notices", scopes(.webhooksRead),
            acts: [
                "add": Room.Act(scopes(.webhooksWrite)) { request in
                    let outcome = try await perform(
                        AddWebhook(
                            webhook: request.form["name"], url: request.form["url"], allowsPrivateAddresses: request.form.isOn("private")),
                        request)
                    return .page(
                        Page(
                            "The webhook was made", back: Link("Notices", "/notices"),
                            blocks: [
                                .notice(
                                    Notice(
                                        .good, "Secret of \(outcome.webhook.name), shown this once", text: "Each call is signed with it.",
                                        secret: outcome.secret))
                            ]))
                },
                "test": Room.Act(scopes(.webhooksWrite)) { request in
                    let result = try await perform(TestWebhook(webhook: request.form["name"]), request)
                    guard result.ok else { throw Problem.unprocessable("The webhook failed: \(result.text)") }
                    return .done("The webhook answered: \(result.text)", to: "/notices")
                },
                "replay": Room.Act(scopes(.webhooksWrite)) { request in
                    let outcome = try await perform(
                        ReplayWebhook(webhook: request.form["name"], call: request.form["call"]), request)
                    guard outcome.fault.isEmpty else { throw Problem.unprocessable("The webhook failed: \(outcome.fault)") }
                    return .done("The call was sent once more", to: "/notices")
                },
                "replay-time": Room.Act(scopes(.webhooksWrite)) { request in
                    let outcome = try await perform(
                        ReplayWebhook(
                            webhook: request.form["name"], since: try request.time("since"), until: try request.time("until")), request)
                    guard outcome.fault.isEmpty else {
                        throw Problem.unprocessable("\(outcome.sent) were sent, \(outcome.left) were not: \(outcome.fault)")
                    }
                    return .done("\(RoomWords.count(outcome.sent, "call was", "calls were")) sent once more", to: "/notices")
                },
                "remove": act({ RemoveWebhook(webhook: $0.form["name"]) }) { _, request in
                    .done("The webhook \(request.form["name"]) is gone", to: "/notices")
                },
            ]
        ) { request in
            let hooks = try await perform(ListWebhooks(), request)
            let policies = try await ifAllowed(ListAlertPolicies(), request) ?? []
            var page = Rooms.noticesPage(hooks, policies)
            if !hooks.isEmpty { page.blocks += Rooms.callBlocks(hooks, try await perform(ListWebhookCalls(limit: 50), request)) }
            return .page(page)
        }
    }

    private static func callBlocks(_ hooks: [WebhookView], _ calls: [WebhookCallView]) -> [Block] {
        let table = Table(
            "Calls of webhooks, newest first", ["Time", "Webhook", "Call", "Answer", "Took", "What", "Act"],
            calls.map { row in
                [
                    .time(row.time), Table.Cell(row.webhook),
                    Table.Cell(row.type, note: row.attempt == 0 ? "\(row.id), by hand" : "\(row.id), attempt \(row.attempt)"),
                    Table.Cell(row.status == 0 ? "none" : "\(row.status)", tone: row.ok ? .good : .bad),
                    Table.Cell("\(row.milliseconds.grouped) ms"), Table.Cell(RoomWords.short(row.ok ? row.answer : row.fault)),
                    .acts([
                        .button(
                            "Send again", act: "replay", hidden: ["name": row.webhook, "call": row.id],
                            label: "Send the call \(row.id) of \(PageTime.text(row.time)) to \(row.webhook) again")
                    ]),
                ]
            }, empty: "None was called within 30 days.")
        let form = Form(
            act: "replay-time", "Send again", title: "Send all of a time again",
            intro: "At most 100, the oldest first, with the same numbers: a receiver that has had one may drop it.",
            fields: [
                Field("name", "Webhook", .select(hooks.map { Field.Option($0.name, $0.name) })),
                Field("since", "Since", hint: "2026-11-23 or 2026-11-23T08:00:00Z.", isRequired: true),
                Field("until", "Before", hint: "Empty: until now."), .reason(isRequired: false),
            ], isFolded: true)
        return [.table(table), .form(form)]
    }

    private static func noticesPage(_ hooks: [WebhookView], _ policies: [AlertPolicyView]) -> Page {
        let webhooks = Table(
            "Webhooks", ["Name", "Address", "Made", "Act"],
            hooks.map { row in
                [
                    Table.Cell(row.name), Table.Cell(row.url, note: row.allowsPrivateAddresses ? "private addresses allowed" : ""),
                    .time(row.created),
                    .acts([
                        .button("Test", act: "test", hidden: ["name": row.name], label: "Test the webhook \(row.name)"),
                        .button("Remove", act: "remove", hidden: ["name": row.name], tone: .bad, label: "Remove the webhook \(row.name)"),
                    ]),
                ]
            }, empty: "There are none. Alerts go by mail to the addresses of alerts.recipients.")
        let kinds = Table(
            "Alert policies", ["Kind", "Severity", "State", "Told", "At most a day"],
            policies.map { row in
                [
                    Table.Cell(row.kind.rawValue, note: row.builtIn ? "" : "changed"),
                    Table.Cell(row.severity.rawValue, tone: RoomWords.tone(row.severity)),
                    Table.Cell(row.on ? "on" : "off", tone: row.on ? .good : .neutral),
                    Table.Cell(((row.addresses ?? ["the usual addresses"]) + (row.webhooks ?? ["all webhooks"])).joined(separator: ", ")),
                    .number(row.noticesPerDay),
                ]
            }, empty: "Your roles do not show them.")
        return Page(
            "Notices", lead: "Who is told when something needs a person.",
            blocks: [
                .table(webhooks),
                .form(
                    Form(
                        act: "add", "Add", title: "Add a webhook",
                        fields: [
                            Field("name", "Name", isRequired: true), Field("url", "Address", .input("url"), isRequired: true),
                            Field("private", "It may be a private address", .flag), .reason(isRequired: false),
                        ], isFolded: true)), .table(kinds),
            ])
    }

    private var nodes: Room {
        Room("/nodes", scopes(.statusRead)) { request in
            let rows = try await perform(ListNodes(), request)
            let table = Table(
                "Nodes", ["Number", "Name", "Version", "State", "Since", "Last seen", "Holds", "Listens", "Sources"],
                rows.map { row in
                    [
                        Table.Cell("\(row.number)"), Table.Cell(row.name), Table.Cell(row.version),
                        Table.Cell(row.state, tone: row.state == "running" ? .good : .warning), .time(row.since), .time(row.seen),
                        .number(row.recipients), Table.Cell(row.addresses.joined(separator: ", ")),
                        Table.Cell(row.sources.joined(separator: ", ")),
                    ]
                }, empty: "No node has run yet.")
            return .page(Page("Nodes", lead: "The gates that share this store.", blocks: [.live(id: "nodes", [.table(table)])]))
        }
    }

    private static let auditPage = 100

    private var audit: Room {
        Room("/audit", scopes(.auditRead)) { request in
            let rows = try await perform(ListAudit(limit: Rooms.auditPage + 1, before: Int64(request.query["before"])), request)
            let shown = Array(rows.prefix(Rooms.auditPage))
            let more = rows.count > shown.count ? shown.last.map { Link("Older acts", "/audit?before=\($0.number)") } : nil
            let table = Table(
                "Acts, newest first", ["Number", "Time", "Who", "Act", "On", "Reason"],
                shown.map { row in
                    [
                        Table.Cell("\(row.number)"), .time(row.time), Table.Cell(row.actor), Table.Cell(row.action, isCode: true),
                        Table.Cell(row.target), Table.Cell(row.reason),
                    ]
                }, empty: "Nothing was done yet.", more: more)
            return .page(Page("Audit log", lead: "Who changed what, when and why.", blocks: [.table(table)]))
        }
    }

    // MARK: - Set-up

    private var setup: Room {
        Room("/setup", scopes(.domainsWrite)) { request in
            let directory = try await administration.directory()
            let hasFactor = directory.accounts.values.contains { $0.secondFactor?.confirmedAt != nil && $0.roles.contains("administrator") }
            let hasRealRoute = directory.routes.values.contains { route in
                route.kind != .builtIn && !route.isDisabled && directory.upstreamStops[route.name]?.cause.isStop != true
            }
            let steps: [(done: Bool, title: String, text: String, href: String)] = [
                (hasFactor, "Protect your own sign-in", "Add a second factor, so that a stolen password opens nothing.", "/me/security"),
                (
                    !directory.domains.isEmpty, "Name your domains", "Recipients in them are internal; all others are counted as external.",
                    "/domains"
                ),
                (
                    directory.accounts.count > 1 || !directory.connectors.isEmpty, "Let somebody send",
                    "An account for each person or program that signs in, a connector for what cannot.", "/accounts"
                ),
                (
                    !directory.policies.isEmpty || directory.service != nil, "Set limits",
                    "The preset Standard stops a stolen password before it ruins the mail of all.", "/policies"
                ),
                (
                    hasRealRoute, "Open the way out",
                    "A route by MX or a smarthost; until then nothing leaves the machine. Sign with DKIM too.", "/routes"
                ),
            ]
            let done = steps.filter(\.done).count
            return .page(
                Page(
                    "Set-up", lead: "Five steps. \(done) of 5 are done.",
                    blocks: [
                        .table(
                            Table(
                                "Steps", ["Step", "State", "What for"],
                                steps.enumerated().map { number, step in
                                    [
                                        Table.Cell("\(number + 1). \(step.title)", href: step.href),
                                        Table.Cell(step.done ? "done" : "to do", tone: step.done ? .good : .warning), Table.Cell(step.text),
                                    ]
                                }, empty: ""))
                    ]))
        }
    }
}
