import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var groupRooms: [Room] { [groups, group, groupPosts, groupPost, ldapServers] }

    // MARK: - All groups

    private var groups: Room {
        Room(
            "/groups", scopes(.groupsRead),
            acts: [
                "add": act({ request in
                    AddGroup(
                        group: try request.address("address"), members: try request.addresses("members"),
                        senders: try Rooms.grants(request, "senders"), owners: try request.addresses("owners"))
                }) { view, _ in .done("The group \(view.address) is ready", to: PagePath.make("groups", view.address)) }
            ]
        ) { request in
            let rows = try await perform(ListGroups(), request)
            let shown = ListPage(rows, request) { $0.address }
            let table = Table(
                "Groups", ["Address", "Members", "Recipients", "Owners", "Who may write to it", "Waits for an owner", "Kind"],
                shown.rows.map { row in
                    [
                        Table.Cell(row.address, href: PagePath.make("groups", row.address)), .number(row.members), .number(row.people),
                        .number(row.owners), Table.Cell(row.writers), Table.Cell(Rooms.words(row.moderation)),
                        Table.Cell(row.isList ? "discussion list" : "group", note: row.source.map { "members from \($0)" } ?? ""),
                    ]
                }, empty: "There are no groups.", more: shown.more)
            let add = Form(
                act: "add", "Add", title: "Add a group",
                fields: [
                    Field("address", "Address", .input("email"), isRequired: true),
                    Field("members", "Members", .area(6), hint: "Addresses, one a line; groups too.", isRequired: true),
                    Field("owners", "Owners", .area(2), hint: "Who decides about it, one address a line."),
                    Field("senders", "Who may write to it", .area(2), hint: "Addresses or @domains; empty: everybody who may send."),
                    .reason(isRequired: false),
                ], isFolded: true)
            return .page(
                Page(
                    "Groups", lead: "Addresses that stand for several people; each of them is counted before sending.",
                    blocks: ListPage<GroupView>.search(request, "Addresses", total: rows.count) + [.table(table), .form(add)]))
        }
    }

    private static func words(_ moderation: GroupModeration) -> String {
        switch moderation {
        case .none: "nothing"
        case .others: "mail of those who are no members"
        case .all: "all mail"
        }
    }

    // MARK: - One group

    private var group: Room {
        let saved = { @Sendable (_: GroupView, request: PageRequest) in PageAnswer.done("Saved", to: request.path) }
        return Room(
            "/groups/{group}", scopes(.groupsRead),
            acts: [
                "add-members": act(
                    { request in
                        ChangeGroupMembers(group: try request.pathAddress("group"), add: try request.addresses("members"), remove: [])
                    }, done: saved),
                "remove-member": act(
                    { request in
                        ChangeGroupMembers(group: try request.pathAddress("group"), add: [], remove: [try request.address("member")])
                    }, done: saved),
                "rules": act({ try Rooms.rules($0) }, done: saved),
                "list": act({ try Rooms.listChange($0) }, done: saved),
                "source": act({ try Rooms.sourceChange($0) }) { _, request in
                    .done("Saved: see below what would change", to: "\(request.path)?look=yes")
                },
                "no-source": act({ RemoveGroupSource(group: try $0.pathAddress("group")) }) { _, request in
                    .done("People alone say who is in it", to: request.path)
                },
                "sync": act({ request in
                    SyncGroup(group: try request.pathAddress("group"), confirms: request.form.isOn("confirm"))
                }) { view, request in .done(Rooms.words(view), to: request.path) },
                "remove": act({ RemoveGroup(group: try $0.pathAddress("group")) }) { _, request in
                    .done("The group \(request["group"]) is gone", to: "/groups")
                },
            ]
        ) { request in
            let address = try request.pathAddress("group")
            let view = try await perform(ShowGroup(group: address), request)
            var page = Page(
                view.address, lead: "\(RoomWords.count(view.people, "recipient", "recipients")) a message, those of groups within it too.",
                back: Link("Groups", "/groups"))
            page.blocks = [.facts(Rooms.facts(view))]
            if let posts = try await ifAllowed(ListGroupPosts(group: address), request), !posts.isEmpty {
                page.blocks.append(.table(Rooms.postTable(posts)))
            }
            page.blocks += try await memberBlocks(view, request)
            page.blocks += try await sourceBlocks(view, address, request)
            if request.viewer.may(scopes(.groupsWrite)) { page.blocks += try await changeBlocks(view) }
            return .page(page)
        }
    }

    private static func facts(_ view: GroupMembersView) -> [Fact] {
        var facts = [
            Fact("Owners", view.owners.isEmpty ? "nobody" : view.owners.prefix(5).joined(separator: ", ")),
            Fact("Who may write to it", view.writers), Fact("Waits for an owner", words(view.moderation)),
            Fact("Recipients of a message", view.expansionMax.map { "at most \($0.grouped)" } ?? "as many as a message may have"),
        ]
        if let list = view.list, let id = view.listID {
            facts.append(
                Fact(
                    "Discussion list", id, note: "From: \(words(list.authorField)); answers go to the \(list.answers.rawValue)",
                    isCode: true))
        }
        return facts
    }

    private static func words(_ field: DiscussionList.AuthorField) -> String {
        switch field {
        case .safe: "the list where receivers would refuse the author's domain from us"
        case .list: "always the list"
        case .author: "always the author"
        }
    }

    private func memberBlocks(_ view: GroupMembersView, _ request: PageRequest) async throws -> [Block] {
        let shown = ListPage(view.members, request) { $0 }
        var blocks = ListPage<String>.search(request, "Members", total: view.members.count)
        let mayChange = request.viewer.may(scopes(.groupsWrite))
        blocks.append(
            .table(
                Table(
                    "Members", mayChange ? ["Address", "Act"] : ["Address"],
                    shown.rows.map { member in
                        let remove = Form.button(
                            "Remove", act: "remove-member", hidden: ["member": member], label: "Remove \(member) from the group")
                        return [Table.Cell(member)] + (mayChange ? [.acts([remove])] : [])
                    }, empty: "It has no members.", more: shown.more)))
        let expansion = try await perform(ExpandGroup(group: try request.pathAddress("group"), limit: 50), request)
        // Where it holds no groups, the members say it all.
        guard expansion.people.contains(where: { $0.through.count > 1 }) else { return blocks }
        blocks.append(
            .table(
                Table(
                    "Whom a message reaches: \(expansion.recipients.grouped), the first 50", ["Recipient", "Where", "By way of"],
                    expansion.people.map {
                        [
                            Table.Cell($0.address), Table.Cell($0.isInternal ? "internal" : "external"),
                            Table.Cell($0.through.joined(separator: " → ")),
                        ]
                    }, empty: "Nobody.")))
        return blocks
    }

    // MARK: - Members from a directory

    private static func words(_ view: GroupSyncView) -> String {
        switch view.outcome {
        case .none: "Nothing was done"
        case .same: "Nothing has changed there"
        case .changed: "\(RoomWords.count(view.added.count, "member", "members")) came, \(view.removed.count) went"
        case .wouldChange: "\(RoomWords.count(view.added.count, "member", "members")) would come, \(view.removed.count) go"
        case .held: "It waits for your word: \(view.reason)"
        }
    }

    private func sourceBlocks(_ view: GroupMembersView, _ address: EmailAddress, _ request: PageRequest) async throws -> [Block] {
        guard let source = view.source else { return [] }
        let state = try await perform(ShowGroupSync(group: address), request)
        var blocks: [Block] = [
            .heading("Members from LDAP"),
            .facts([
                Fact("Server", source.server, href: "/ldap-servers"), Fact("Below", source.base, isCode: true),
                Fact("Filter", source.filter, isCode: true), Fact("Address", source.attribute, isCode: true),
                Fact("Looked at", "every \(source.minutes) minutes"),
                Fact("Without your word", "at most \(source.changesMax) changes, \(source.percentMax) %"),
            ]),
        ]
        if !state.problem.isEmpty {
            blocks.append(.notice(Notice(.warning, "It could not be asked the last time", text: "\(state.problem) Nobody was changed.")))
        }
        if state.outcome == .held {
            blocks.append(
                .notice(
                    Notice(
                        .warning, "A change waits for your word", text: state.reason,
                        items: state.added.map { "+ \($0)" } + state.removed.map { "− \($0)" })))
        }
        if request.viewer.may(scopes(.groupsWrite)) {
            if state.outcome == .held {
                blocks.append(
                    .form(
                        Form(
                            act: "sync", "Change them", title: "Agree to the change",
                            intro: "It is done only if the directory still says what is shown here.",
                            fields: [.reason()], hidden: ["confirm": "yes"], tone: .warning)))
            }
            if request.query["look"] == "yes" { blocks += try await dryRun(address, request) }
            blocks.append(.links([Link("See what a look would change", PagePath.make("groups", view.address, query: ["look": "yes"]))]))
            blocks.append(.form(Form(act: "sync", "Look now", look: .inline, label: "Look at the directory now, and change the members")))
        }
        let table = Table(
            "Last changes", ["When", "Came", "Went", "Who", "By"],
            state.entries.map {
                [.time($0.at), .number($0.added), .number($0.removed), Table.Cell($0.sample.joined(separator: ", ")), Table.Cell($0.by)]
            }, empty: "It has changed nobody yet.")
        return blocks + [.table(table)]
    }

    /// A directory that does not answer is no fault of the page.
    private func dryRun(_ address: EmailAddress, _ request: PageRequest) async throws -> [Block] {
        do {
            let view = try await perform(SyncGroup(group: address, isDryRun: true), request)
            let items = (view.added.map { "+ \($0)" } + view.removed.map { "− \($0)" }).prefix(100)
            let guarded = view.reason.isEmpty ? "" : " It would wait for your word: \(view.reason)."
            return [.notice(Notice(.info, "A look would change this", text: "\(Rooms.words(view)).\(guarded)", items: Array(items)))]
        } catch let error as AdministrationError where error.kind == .unavailable {
            return [.notice(Notice(.warning, "The directory does not answer", text: "\(error)"))]
        }
    }

    // MARK: - Changing it

    private func changeBlocks(_ view: GroupMembersView) async throws -> [Block] {
        let servers = try await administration.directory().ldapServers.keys.sorted()
        var blocks: [Block] = [
            .heading("Change it"),
            .form(
                Form(
                    act: "add-members", "Add", title: "Add members",
                    fields: [
                        Field("members", "Addresses", .area(4), hint: "One a line.", isRequired: true), .reason(isRequired: false),
                    ], isFolded: true)),
            .form(Rooms.rulesForm(view)), .form(Rooms.listForm(view)),
        ]
        if !servers.isEmpty { blocks.append(.form(Rooms.sourceForm(view, servers))) }
        if view.source != nil {
            blocks.append(
                .form(.button("Members by people alone", act: "no-source", label: "Let people alone say who is in \(view.address)")))
        }
        return blocks + [
            .form(Form(act: "remove", "Remove the group", look: .inline, tone: .bad, label: "Remove the group \(view.address)"))
        ]
    }

    private static func rulesForm(_ view: GroupMembersView) -> Form {
        let posting: [GroupPosting: String] = [
            .anyone: "anyone who may send, people of others too where a connector brings their mail",
            .organisation: "people of the organisation",
            .members: "members", .owners: "owners", .named: "named senders alone",
        ]
        return Form(
            act: "rules", "Save", title: "Owners and rules",
            fields: [
                Field("owners", "Owners", .area(3), value: view.owners.joined(separator: "\n"), hint: "One address a line."),
                Field(
                    "posting", "Who may write to it, beside owners and named senders",
                    .radio(GroupPosting.allCases.map { Field.Option($0.rawValue, posting[$0] ?? $0.rawValue) }),
                    value: (view.posting ?? (view.senders.isEmpty ? .anyone : .named)).rawValue),
                Field("senders", "Named senders", .area(2), value: view.senders.joined(separator: "\n"), hint: "Addresses or @domains."),
                Field(
                    "moderation", "What waits for an owner", .radio(GroupModeration.allCases.map { Field.Option($0.rawValue, words($0)) }),
                    value: view.moderation.rawValue),
                Field(
                    "most", "Recipients of a message, at most", .input("number"), value: "\(view.expansionMax ?? 0)",
                    hint: "0: as many as a message may have."),
                .reason(isRequired: false),
            ], isFolded: true)
    }

    /// What the form leaves out of owners is taken away.
    private static func rules(_ request: PageRequest) throws -> SetGroup {
        var change = SetGroup(group: try request.pathAddress("group"))
        change.owners = try request.addresses("owners")
        change.posting = GroupPosting(rawValue: request.form["posting"])
        change.senders = try grants(request, "senders")
        change.moderation = GroupModeration(rawValue: request.form["moderation"])
        change.expansionMax = Int(request.form["most"])
        return change
    }

    private static func listForm(_ view: GroupMembersView) -> Form {
        let list = view.list ?? DiscussionList()
        let joining: [DiscussionList.Joining: String] = [
            .anyone: "anyone who asks by mail and confirms it", .organisation: "people of the organisation, likewise",
            .closed: "nobody but by an owner",
        ]
        return Form(
            act: "list", "Save", title: "Discussion list",
            intro: "Mail to it becomes the list's own: with list fields, a return path of its own, and ways to leave.",
            fields: [
                Field("on", "It is a discussion list", .flag, value: view.list == nil ? "" : "yes"),
                Field("title", "Name", value: list.title), Field("prefix", "Before the subject, in brackets", value: list.prefix ?? ""),
                Field(
                    "from", "From says", .radio(DiscussionList.AuthorField.allCases.map { Field.Option($0.rawValue, words($0)) }),
                    value: list.authorField.rawValue),
                Field(
                    "answers", "Answers go to",
                    .radio([Field.Option("author", "the author"), Field.Option("list", "the list")]), value: list.answers.rawValue),
                Field(
                    "joining", "Who may join by mail",
                    .radio(DiscussionList.Joining.allCases.map { Field.Option($0.rawValue, joining[$0] ?? $0.rawValue) }),
                    value: list.joining.rawValue),
                Field("copies", "Authors get a copy of what they wrote", .flag, value: list.copiesAuthor ? "yes" : ""),
                Field(
                    "size", "Size of a message in KiB", .input("number"), value: "\(list.kibibytesMax ?? 0)",
                    hint: "0: what the gate takes."),
                Field("archive", "Archive", value: list.archive ?? "", hint: "Where its mail can be read: https; empty for nowhere."),
                .reason(isRequired: false),
            ], isFolded: true)
    }

    private static func listChange(_ request: PageRequest) throws -> SetGroup {
        var list = DiscussionChange()
        list.isOn = request.form.isOn("on")
        (list.title, list.prefix, list.archive) = (request.form["title"], request.form["prefix"], request.form["archive"])
        list.author = DiscussionList.AuthorField(rawValue: request.form["from"])
        list.answers = DiscussionList.Answers(rawValue: request.form["answers"])
        list.joining = DiscussionList.Joining(rawValue: request.form["joining"])
        list.copiesAuthor = request.form.isOn("copies")
        list.kibibytesMax = Int(request.form["size"])
        var change = SetGroup(group: try request.pathAddress("group"))
        change.list = list
        return change
    }

    private static func sourceForm(_ view: GroupMembersView, _ servers: [String]) -> Form {
        let source = view.source
        return Form(
            act: "source", "Save", title: "Members from LDAP",
            fields: [
                Field(
                    "server", "Server",
                    .select(servers.map { Field.Option($0, $0) }),
                    value: source?.server ?? ""),
                Field("base", "Below", value: source?.base ?? "", hint: "A distinguished name, such as ou=people,dc=example,dc=org."),
                Field(
                    "filter", "Filter", value: source?.filter ?? "",
                    hint:
                        "Such as (&(objectClass=person)(ou=staff)); {group} stands for the group's address, {name} for what stands before its @."
                ),
                Field("attribute", "Attribute with the address", value: source?.attribute ?? "mail"),
                Field(
                    "member", "Attribute with members' names", value: source?.memberAttribute ?? "",
                    hint: "Such as member; empty: what is found itself."),
                Field("minutes", "Minutes between two looks", .input("number"), value: "\(source?.minutes ?? 60)"),
                Field("changes", "Changes without a person's word, at most", .input("number"), value: "\(source?.changesMax ?? 50)"),
                Field("percent", "The same in percent of the members", .input("number"), value: "\(source?.percentMax ?? 20)"),
                .reason(isRequired: false),
            ], isFolded: true)
    }

    private static func sourceChange(_ request: PageRequest) throws -> SetGroupSource {
        let group = try request.pathAddress("group")
        let server = request.form["server"]
        let member = request.form["member"]
        return SetGroupSource(
            group: group,
            source: GroupSource(
                server: server, base: request.form["base"], filter: request.form["filter"], attribute: request.form["attribute"],
                memberAttribute: member.isEmpty ? nil : member, minutes: Int(request.form["minutes"]) ?? 0,
                changesMax: Int(request.form["changes"]) ?? 0, percentMax: Int(request.form["percent"]) ?? 0))
    }

    // MARK: - What waits for an owner

    private static func postTable(_ posts: [GroupPostLine]) -> Table {
        Table(
            "Waits for an owner, newest first", ["Subject", "Group", "From", "Received", "Recipients"],
            posts.map { post in
                [
                    Table.Cell(post.subject.isEmpty ? "(no subject)" : post.subject, href: PagePath.make("group-posts", post.message)),
                    Table.Cell(post.group), Table.Cell(post.from), .time(post.received), .number(post.recipients),
                ]
            }, empty: "Nothing waits for you.")
    }

    private var groupPosts: Room {
        Room("/group-posts", scopes(.groupsModerate), isPersonal: true) { request in
            let posts = try await perform(ListGroupPosts(), request)
            return .page(
                Page(
                    "Waits for an owner", lead: "Messages to groups that you decide about.",
                    blocks: [.table(Rooms.postTable(posts))]))
        }
    }

    private var groupPost: Room {
        Room(
            "/group-posts/{message}", scopes(.groupsModerate), isPersonal: true,
            acts: [
                "decide": act({ request in
                    guard let decision = DecideGroupPosts.Decision(rawValue: request.form["decision"]) else {
                        throw Problem.invalid([FieldProblem(.body, "/decision", "is missing: approve or reject")])
                    }
                    return DecideGroupPosts(messages: [try Rooms.postMessage(request)], decision: decision)
                }) { outcome, _ in
                    .done("Done: \(RoomWords.count(outcome.recipients, "recipient", "recipients"))", to: "/group-posts")
                }
            ]
        ) { request in
            let post = try await perform(ShowGroupPost(message: try Rooms.postMessage(request)), request)
            let line = post.line
            var page = Page(
                line.subject.isEmpty ? "(no subject)" : line.subject, lead: "From \(line.from)",
                back: Link("Waits for an owner", "/group-posts"))
            page.blocks = [
                .facts([
                    Fact("Group", line.group, note: line.text), Fact("Recipients", line.recipients.grouped),
                    Fact("Received", line.received), Fact("Message", line.message, isCode: true),
                ])
            ]
            page.blocks += post.preview.map(Rooms.preview) ?? [.text("Its content is no longer kept.")]
            page.blocks.append(
                .form(
                    Form(
                        act: "decide", "Decide", title: "Decide",
                        fields: [
                            Field(
                                "decision", "Decision",
                                .radio([
                                    Field.Option("approve", "Let it go to the group"),
                                    Field.Option("reject", "Reject it: an author of the organisation is told why"),
                                ]), isRequired: true),
                            .reason("The author and the audit log have it; needed to reject.", isRequired: false),
                        ])))
            return .page(page)
        }
    }

    private static func postMessage(_ request: PageRequest) throws -> MessageID {
        guard let id = MessageID(request["message"]) else {
            throw Problem.notFound("\(request["message"].prefix(60)) is no message's identifier.")
        }
        return id
    }

    // MARK: - LDAP servers

    private var ldapServers: Room {
        Room(
            "/ldap-servers", scopes(.groupsRead),
            acts: [
                "set": act({ request in
                    let password = request.form.exactly("password")
                    return SetLDAPServer(
                        server: request.form["server"], url: request.form["url"], bindDN: request.form["bind"],
                        password: password.isEmpty ? nil : password, roots: request.form["roots"])
                }) { view, _ in .done("The server \(view.name) is ready", to: "/ldap-servers") },
                "remove": act({ RemoveLDAPServer(server: $0.form["server"]) }) { _, _ in .done("The server is gone", to: "/ldap-servers") },
            ]
        ) { request in
            let servers = try await perform(ListLDAPServers(), request)
            let mayChange = request.viewer.may(scopes(.groupsWrite))
            let table = Table(
                "LDAP servers", ["Name", "Address", "Signs in as", "Groups"] + (mayChange ? ["Act"] : []),
                servers.map { server in
                    let remove = Form.button(
                        "Remove", act: "remove", hidden: ["server": server.name], label: "Remove the server \(server.name)")
                    return [
                        Table.Cell(server.name), Table.Cell(server.url, isCode: true),
                        Table.Cell(server.bindDN.isEmpty ? "nobody" : server.bindDN), Table.Cell(server.groups.joined(separator: ", ")),
                    ] + (mayChange ? [.acts([remove])] : [])
                }, empty: "There are none.")
            var page = Page(
                "LDAP servers", lead: "Directories that groups take their members from, over TLS alone.", blocks: [.table(table)])
            if mayChange { page.blocks.append(.form(Rooms.serverForm)) }
            return .page(page)
        }
    }

    private static let serverForm = Form(
        act: "set", "Save", title: "Add or change a server",
        fields: [
            Field("server", "Name", hint: "a–z, 0–9, - and _.", isRequired: true),
            Field("url", "Address", hint: "ldaps://HOST, or ldap://HOST, which begins TLS before anything else.", isRequired: true),
            Field("bind", "Signs in as", hint: "A distinguished name; empty: nobody signs in."),
            Field("password", "Password", .input("password"), hint: "Empty: as it is.", autocomplete: "off"),
            Field(
                "roots", "Certificates of those who may sign the server's",
                hint: "A PEM file on the nodes; empty: those that the machine trusts."),
            .reason(isRequired: false),
        ], isFolded: true)
}
