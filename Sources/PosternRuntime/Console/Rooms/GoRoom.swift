import Console
import MailModel
import OutboundPolicy

/// The way to any page by a few letters: rooms by words, and what an address, a domain, a number or a name may stand for.
extension Rooms {
    var go: Room {
        Room("/go", [], isPersonal: true) { request in
            let text = String(request.query["q"].prefix(320))
            let places = Rooms.places(text, request.viewer)
            let things = text.isEmpty ? [] : Rooms.things(text, try await administration.directory(), request.viewer)
            // Who names one thing exactly is taken to it.
            if let exact = places.first(where: { $0.title.lowercased() == text.lowercased() }) { return .redirect(exact.href) }
            var page = Page(
                "Go to", lead: "A few letters of a page, or an address, a domain, a message's number, a name. Ctrl-K brings you here.")
            page.blocks.append(
                .form(
                    Form(
                        act: nil, "Go", look: .row,
                        fields: [Field("q", "Page, address, domain, number or name", .input("search"), value: text, autocomplete: "off")])))
            let rows =
                things.map { [Table.Cell($0.title, href: $0.href), Table.Cell($0.kind)] }
                + places.map { [Table.Cell($0.title, href: $0.href), Table.Cell($0.group)] }
            page.blocks.append(
                .table(
                    Table(
                        text.isEmpty ? "All pages" : "Found", ["To", "What it is"], rows,
                        empty: "Nothing has that name. Mail is found in the trace, by words of subject and reply too.")))
            return .page(page)
        }
    }

    private struct Destination {
        var title: String
        var href: String
        /// What it is, for the reader.
        var kind: String
    }

    /// What else people call a page.
    private static let otherWords = [
        "/": "home start morning", "/trace": "search mail message find bounced delivered log where", "/queue": "waiting deferred retry",
        "/review": "held quarantine release approve", "/suppressions": "blocked unsubscribed do not send list",
        "/returns": "bounces complaints",
        "/pauses": "pause stop emergency halt", "/explain": "error code ndr meaning", "/restricted": "blocked hijacked release sender",
        "/limits": "quota recipients per day", "/policies": "limits quota outbound preset", "/scanning": "spam phishing rules weights",
        "/requests": "more quota ask", "/accounts": "users people passwords roles", "/connectors": "devices programs relay ip printers",
        "/routes": "smarthost relay microsoft google mx", "/sources": "ip addresses ehlo proxy", "/pools": "ip addresses",
        "/reputation": "blocklists postmaster", "/shaping": "throttle pace rate", "/rules": "replies throttle backoff",
        "/dkim": "keys signing signature", "/domain-health": "spf dkim dmarc dns records", "/domain-reports": "dmarc aggregate",
        "/tls-reports": "tlsrpt", "/keys": "tokens", "/notices": "webhooks alert policies mail", "/audit": "history who did log",
        "/campaigns": "newsletter bulk mailing", "/lists": "import csv people newsletter", "/subscribers": "person consent erase gdpr",
        "/advise": "advice how to send newsletter bulk", "/simulations": "simulate plan", "/twin": "test provider",
        "/me/security": "password second factor two-factor", "/sessions": "signed in",
    ]

    /// Pages whose title, group or other words begin with each word of the text; those whose title does first. All for an empty text.
    private static func places(_ text: String, _ viewer: Viewer) -> [(title: String, href: String, group: String)] {
        let wanted = words(text)
        let all = Navigation.groups.flatMap { group in
            group.places.filter { viewer.may($0.scopes) }.map { (title: $0.title, href: $0.href, group: group.title) }
        }
        func holds(_ words: [Substring]) -> Bool { wanted.allSatisfy { word in words.contains { $0.hasPrefix(word) } } }
        let found = all.filter { holds(words("\($0.title) \($0.group) \(otherWords[$0.href] ?? "")")) }
        return found.filter { holds(words($0.title)) } + found.filter { !holds(words($0.title)) }
    }

    private static func words(_ text: String) -> [Substring] { text.lowercased().split { !$0.isLetter && !$0.isNumber } }

    /// At most so many of each kind.
    private static let thingsMax = 10

    private static func things(_ text: String, _ directory: Directory, _ viewer: Viewer) -> [Destination] {
        func may(_ scope: AccessScope) -> Bool { viewer.may([scope.rawValue]) }
        var found: [Destination] = []
        if let address = EmailAddress(text) {
            if may(.traceRead) {
                found.append(Destination(title: text, href: PagePath.make("trace", query: ["q": text]), kind: "Its mail"))
            }
            if may(.accountsRead), directory.accounts[address.key] != nil {
                found.append(Destination(title: text, href: PagePath.make("accounts", address.key), kind: "Its account"))
            }
            if may(.restrictionsRead), directory.restrictions[.sender(address.key)] != nil {
                let href = PagePath.make("restricted", "sender:\(address.key)")
                found.append(Destination(title: text, href: href, kind: "Its restriction"))
            }
            if may(.limitsRead) {
                found.append(Destination(title: text, href: PagePath.make("limits", address.key), kind: "Its limits"))
            }
            if may(.subscribersRead) {
                found.append(Destination(title: text, href: PagePath.make("subscribers", text), kind: "Its lists and consent"))
            }
        } else if text.contains("."), let domain = DomainName(text) {
            if may(.traceRead) {
                found.append(Destination(title: text, href: PagePath.make("trace", query: ["q": text]), kind: "Mail to and from it"))
            }
            if may(.domainsRead) {
                if directory.domains[domain] != nil {
                    found.append(Destination(title: text, href: PagePath.make("domains", domain.text), kind: "Own domain"))
                }
                found.append(Destination(title: text, href: PagePath.make("domain-health", domain.text), kind: "Domain health"))
            }
        }
        if text.utf8.count >= 12, MessageID(text) != nil {
            let href = may(.traceRead) ? PagePath.make("trace", text) : PagePath.make("me", text)
            found.append(Destination(title: text, href: href, kind: "Message"))
        }
        return found + named(text.lowercased(), directory, may)
    }

    /// What has a name that holds the text.
    private static func named(_ text: String, _ directory: Directory, _ may: (AccessScope) -> Bool) -> [Destination] {
        func some(_ names: some Sequence<String>, _ path: String, _ kind: String, _ scope: AccessScope) -> [Destination] {
            guard may(scope) else { return [] }
            return names.filter { $0.lowercased().contains(text) }.sorted()
                .prefix(thingsMax)
                .map { Destination(title: $0, href: PagePath.make(path, $0), kind: kind) }
        }
        let isAddress = text.contains("@")
        return some(directory.campaigns.keys, "campaigns", "Campaign", .campaignsRead)
            + some(directory.lists.keys, "lists", "List", .listsRead)
            + (isAddress ? [] : some(directory.accounts.keys, "accounts", "Account", .accountsRead))
            + some(directory.groups.keys.map(\.key), "groups", "Group", .groupsRead)
            + some(directory.connectors.keys, "connectors", "Connector", .connectorsRead)
            + some(directory.routes.keys, "routes", "Route", .routesRead)
            + some(directory.sources.keys, "sources", "Source", .routesRead)
            + some(directory.shaping.keys, "shaping", "Shaping policy", .routesRead)
            + some(directory.policies.keys, "policies", "Outbound policy", .policiesRead)
    }
}
