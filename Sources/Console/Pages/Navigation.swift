/// Where pages hang: groups, and in each the rooms.
package enum Navigation {
    package struct Place: Sendable {
        package var title: String
        package var href: String
        /// One of these is needed to see it; empty: none.
        package var scopes: Set<String>

        init(_ title: String, _ href: String, _ scopes: Set<String>) {
            self.title = title
            self.href = href
            self.scopes = scopes
        }
    }

    static let searchScopes: Set<String> = ["trace:read"]

    package static let groups: [(title: String, places: [Place])] = [
        ("Overview", [Place("Overview", "/", ["status:read"])]),
        (
            "Mail",
            [
                Place("Trace", "/trace", searchScopes), Place("Queue", "/queue", ["queue:read"]),
                Place("Held mail", "/review", ["review:read"]), Place("Waits for an owner", "/group-posts", ["groups:moderate"]),
                Place("Suppressions", "/suppressions", ["suppressions:read"]), Place("What came back", "/returns", ["suppressions:read"]),
                Place("Stop button", "/pauses", ["pauses:read"]), Place("Explain a reply", "/explain", ["trace:read"]),
            ]
        ),
        (
            "Protection",
            [
                Place("Alerts", "/alerts", ["alerts:read"]), Place("Restricted", "/restricted", ["restrictions:read"]),
                Place("Near a limit", "/limits", ["limits:read"]), Place("Policies", "/policies", ["policies:read"]),
                Place("Scanning", "/scanning", ["policies:read"]), Place("Copies", "/duplicates", ["trace:read"]),
                Place("Requests", "/requests", ["requests:read"]),
            ]
        ),
        (
            "Senders",
            [
                Place("Accounts", "/accounts", ["accounts:read"]), Place("Connectors", "/connectors", ["connectors:read"]),
                Place("Groups", "/groups", ["groups:read"]), Place("LDAP servers", "/ldap-servers", ["groups:read"]),
                Place("Domains", "/domains", ["domains:read"]),
            ]
        ),
        (
            "Delivery",
            [
                Place("Routes", "/routes", ["routes:read"]), Place("Sources", "/sources", ["routes:read"]),
                Place("Pools", "/pools", ["routes:read"]), Place("Reputation", "/reputation", ["routes:read"]),
                Place("Shaping", "/shaping", ["routes:read"]), Place("Rules", "/rules", ["routes:read"]),
                Place("DKIM", "/dkim", ["dkim:read"]), Place("Domain health", "/domain-health", ["domains:read"]),
                Place("Domain reports", "/domain-reports", ["domains:read"]), Place("TLS reports", "/tls-reports", ["domains:read"]),
            ]
        ),
        (
            "Administration",
            [
                Place("Set-up", "/setup", ["domains:write"]), Place("Sessions", "/sessions", ["accounts:write"]),
                Place("Sign-in providers", "/sign-in-providers", ["accounts:write"]),
                Place("API keys", "/keys", ["api-keys:read"]), Place("Notices", "/notices", ["webhooks:read"]),
                Place("Nodes", "/nodes", ["status:read"]), Place("Audit log", "/audit", ["audit:read"]),
            ]
        ),
        (
            "People",
            [
                Place("Which way?", "/advise", ["limits:read"]), Place("Lists", "/lists", ["lists:read"]),
                Place("Campaigns", "/campaigns", ["campaigns:read"]), Place("Subscribers", "/subscribers", ["subscribers:read"]),
            ]
        ),
        (
            "Trying out",
            [Place("Simulation", "/simulations", ["policies:read"]), Place("Twin", "/twin", ["status:read"])]
        ),
        ("My mail", [Place("My mail", "/me", []), Place("My security", "/me/security", [])]),
    ]

    static func model(path: String, _ viewer: Viewer, openAlerts: Int) -> [String: Any] {
        let visible = groups.compactMap { group -> (title: String, places: [Place])? in
            let places = group.places.filter { viewer.may($0.scopes) }
            return places.isEmpty ? nil : (group.title, places)
        }
        let current = visible.flatMap { group in group.places.map { (group: group.title, place: $0) } }
            .filter { covers($0.place.href, path) }.max { $0.place.href.count < $1.place.href.count }
        let pages = visible.first { $0.title == current?.group }?.places ?? []
        return [
            "hasGroups": true, "hasPages": pages.count > 1, "groupTitle": current?.group ?? "",
            "groups": visible.map { group in
                var model: [String: Any] = [
                    "title": group.title, "href": group.places[0].href, "isCurrent": group.title == current?.group,
                ]
                if group.title == "Protection", openAlerts > 0 { model["count"] = openAlerts.grouped }
                return model
            },
            "pages": pages.map { place in
                ["title": place.title, "href": place.href, "isCurrent": place.href == current?.place.href] as [String: Any]
            },
        ]
    }

    private static func covers(_ href: String, _ path: String) -> Bool { path == href || href != "/" && path.hasPrefix("\(href)/") }
}
