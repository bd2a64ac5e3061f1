import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var groupRoutes: [APIRoute] {
        [
            list(
                "/v1/groups", "List groups", PageInput.self, operation: { _ in ListGroups() }, page: { try $0.page($1) { $0.address } }),
            route(
                Way(.post, "/v1/groups", "Add a group: mail to it goes to each member", status: 201), GroupInput.self,
                location: { "/v1/groups/\(PercentText.encode($0.address, plain: "@:"))" },
                operation: { input, _ in
                    AddGroup(group: input.group, members: input.members, senders: input.senders ?? [], owners: input.owners ?? [])
                }),
            route(Way(.get, "/v1/groups/{group}", "A group with its members"), ShowGroup.self),
            route(
                Way(.patch, "/v1/groups/{group}/members", "Add and remove members, or replace them"), GroupMembersInput.self
            ) { input, _ in
                ChangeGroupMembers(group: input.group, add: input.add ?? [], remove: input.remove ?? [], replaces: input.replace ?? false)
            },
            route(Way(.delete, "/v1/groups/{group}", "Remove a group", status: 204), RemoveGroup.self),
            route(
                Way(.patch, "/v1/groups/{group}", "Change who owns a group, who may write to it, moderation, and what makes it a list"),
                SetGroup.self),
            route(Way(.get, "/v1/groups/{group}/expansion", "Whom a message to a group would reach, and by which group"), ExpandGroup.self),
            route(Way(.get, "/v1/groups/{group}/sync", "How a group stands with the source of its members"), ShowGroupSync.self),
            route(Way(.post, "/v1/groups/{group}/sync", "Look at the source of a group's members now"), SyncGroup.self),
            route(Way(.put, "/v1/groups/{group}/source", "Say where a group's members come from"), GroupSourceInput.self) { input, _ in
                SetGroupSource(group: input.group, source: input.source)
            },
            route(Way(.delete, "/v1/groups/{group}/source", "Let people alone say who is in a group", status: 204), RemoveGroupSource.self),
            list(
                "/v1/group-posts", "List messages that wait for an owner of a group", GroupPostsInput.self,
                operation: { ListGroupPosts(group: $0.group) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.message } }),
            route(Way(.get, "/v1/group-posts/{message}", "A message that waits for an owner of a group"), ShowGroupPost.self),
            route(Way(.post, "/v1/group-post-decisions", "Let messages go to their group, or reject them"), DecideGroupPosts.self),
            list(
                "/v1/ldap-servers", "List the directory servers that groups take members from", PageInput.self,
                operation: { _ in ListLDAPServers() }, page: { try $0.page($1) { $0.name } }),
            route(Way(.put, "/v1/ldap-servers/{server}", "Add or change a directory server"), SetLDAPServer.self),
            route(Way(.delete, "/v1/ldap-servers/{server}", "Remove a directory server", status: 204), RemoveLDAPServer.self),
            list(
                "/v1/domains/{domain}/recipients", "List the known addresses of a domain", KnownAddressesInput.self,
                operation: { ListKnownAddresses(domain: $0.domain) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.address } }),
            route(
                Way(.patch, "/v1/domains/{domain}/recipients", "Add and remove known addresses of a domain, or replace them"),
                KnownAddressesChangeInput.self
            ) { input, _ in
                ChangeKnownAddresses(
                    domain: input.domain, add: input.add ?? [], remove: input.remove ?? [], replaces: input.replace ?? false)
            },
            route(
                Way(.put, "/v1/domains/{domain}/recipient-check", "Say whether mail to unknown addresses of a domain is refused"),
                RecipientCheckInput.self
            ) { input, _ in SetRecipientCheck(domain: input.domain, isChecked: input.enabled) },
        ]
    }
}

struct GroupInput: Decodable, Sendable {
    var group: EmailAddress
    var members: [EmailAddress]
    var senders: [AddressGrant]?
    var owners: [EmailAddress]?
}

struct GroupPostsInput: Decodable, Sendable {
    var group: EmailAddress?
    var cursor: CursorText?
    var limit: PageSize?
}

struct GroupSourceInput: Decodable, Sendable {
    var group: EmailAddress
    var server: String
    var base: String
    var filter: String
    var attribute: String?
    var memberAttribute: String?
    var minutes: Int?
    var changesMax: Int?
    var percentMax: Int?

    var source: GroupSource {
        GroupSource(
            server: server, base: base, filter: filter, attribute: attribute ?? "mail", memberAttribute: memberAttribute,
            minutes: minutes ?? 60, changesMax: changesMax ?? 50, percentMax: percentMax ?? 20)
    }
}

struct GroupMembersInput: Decodable, Sendable {
    var group: EmailAddress
    var add: [EmailAddress]?
    var remove: [EmailAddress]?
    var replace: Bool?
}

struct KnownAddressesInput: Decodable, Sendable {
    var domain: DomainName
    var cursor: CursorText?
    var limit: PageSize?
}

struct KnownAddressesChangeInput: Decodable, Sendable {
    var domain: DomainName
    var add: [EmailAddress]?
    var remove: [EmailAddress]?
    var replace: Bool?
}

struct RecipientCheckInput: Decodable, Sendable {
    var domain: DomainName
    var enabled: Bool
}
