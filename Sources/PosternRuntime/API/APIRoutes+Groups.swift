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
                operation: { input, _ in AddGroup(group: input.group, members: input.members, senders: input.senders ?? []) }),
            route(Way(.get, "/v1/groups/{group}", "A group with its members"), ShowGroup.self),
            route(
                Way(.patch, "/v1/groups/{group}/members", "Add and remove members, or replace them"), GroupMembersInput.self
            ) { input, _ in
                ChangeGroupMembers(group: input.group, add: input.add ?? [], remove: input.remove ?? [], replaces: input.replace ?? false)
            },
            route(Way(.delete, "/v1/groups/{group}", "Remove a group", status: 204), RemoveGroup.self),
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
