import Console

/// Which page of the handbook says more about a room.
enum HelpPages {
    /// `path`: a room's, `/routes/{route}`. The longest beginning of it that is named here decides; empty for none.
    static func page(of path: String) -> String {
        var segments = path.split(separator: "/").map(String.init)
        while true {
            if let page = pages["/\(segments.joined(separator: "/"))"] { return page }
            if segments.popLast() == nil { return "" }
        }
    }

    /// By the beginning of rooms' paths: a page, with a heading on it where that is nearer.
    private static let pages = [
        "/": "console", "/go": "console#find-your-way", "/help": "console",
        "/trace": "administration#what-became-of-a-message", "/queue": "shaping#what-waits-and-why",
        "/pauses": "administration#the-stop-button", "/explain": "bounces#read-a-message-that-came-back",
        "/returns": "bounces#see-what-came-back",
        "/suppressions": "suppressions", "/review": "review", "/group-posts": "groups#moderation",
        "/alerts": "alerts", "/notices": "alerts#choose-who-is-told", "/restricted": "restricted",
        "/throttles": "restricted#a-program-is-throttled", "/limits": "limits#see-who-is-near", "/service-limits": "limits#exactly",
        "/policies": "limits", "/requests": "limits#let-people-ask-for-more", "/scanning": "scan", "/duplicates": "scan",
        "/accounts": "administration#who-may-send", "/connectors": "administration#who-may-send", "/groups": "groups",
        "/ldap-servers": "groups#members-from-ldap", "/domains": "groups#recipients-that-exist",
        "/routes": "administration#where-mail-goes", "/sources": "sources", "/pools": "pools", "/reputation": "reputation",
        "/shaping": "shaping", "/rules": "shaping#rules", "/dkim": "dkim", "/domain-health": "domains",
        "/domain-reports": "domains#reports-that-come-back", "/tls-reports": "tls#tls-reports",
        "/setup": "administration", "/sessions": "console#sign-in", "/sign-in-providers": "console#sign-in", "/keys": "api#a-key",
        "/nodes": "nodes", "/audit": "administration#how-commands-reach-the-gate",
        "/campaigns": "campaigns", "/lists": "lists", "/lists/{list}/pages": "public-pages", "/subscribers": "lists#one-person",
        "/advise": "advise", "/simulations": "simulate", "/twin": "twin", "/me": "console#own-mail", "/me/security": "console#sign-in",
    ]
}

extension Rooms {
    var helpRooms: [Room] { [helpContents, helpPage] }

    private var helpContents: Room {
        Room("/help", []) { _ in
            .page(
                Page(
                    "Handbook", lead: "Help on a page of the console leads to what belongs to it. All of it:",
                    blocks: [.links(HandbookPage.contents.map { Link($0.title, PagePath.make("help", $0.name)) })]))
        }
    }

    private var helpPage: Room {
        Room("/help/{page}", []) { request in
            guard let found = HandbookPage(request["page"]) else {
                throw Problem.notFound("The handbook has no page \(request["page"].prefix(100)).")
            }
            return .page(Page(found.title, back: Link("Handbook", "/help"), blocks: [.handbook(found.html)]))
        }
    }
}
