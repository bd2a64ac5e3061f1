/// Who looks at the pages.
package struct Viewer: Hashable, Sendable {
    /// As it is shown.
    package var name: String
    /// As the audit names it: `account:a@example.org`.
    package var actor: String
    /// The account's address.
    package var account: String
    package var roles: [String]
    package var scopes: Set<String>
    /// Of the session; not its token.
    package var session: String
    /// What every form of this session carries, so that no other site's form passes for one.
    package var formToken: String
    /// By which the session was begun; nil: by a password.
    package var provider: String?
    /// Of alerts, for the navigation.
    package var openAlerts = 0

    package init(
        name: String, actor: String, account: String, roles: [String], scopes: Set<String>, session: String, formToken: String
    ) {
        self.name = name
        self.actor = actor
        self.account = account
        self.roles = roles
        self.scopes = scopes
        self.session = session
        self.formToken = formToken
    }

    /// True where one of the scopes is among the viewer's, or none is wanted.
    package func may(_ wanted: Set<String>) -> Bool { wanted.isEmpty || !wanted.isDisjoint(with: scopes) }
}

/// A request that has passed the checks: it comes from one of our own pages, and the viewer may make it.
package struct PageRequest: Sendable {
    package var viewer: Viewer
    /// As it came, without the query.
    package var path: String
    /// Fields of the path, decoded.
    package var values: [String: String]
    package var query: FormValues
    /// What a form sent; empty where nothing was.
    package var form = FormValues()
    package var peer: APIPeer

    /// A field of the path that the room's path has.
    package subscript(name: String) -> String { values[name] ?? "" }
}

package enum PageAnswer: Sendable {
    case page(Page)
    /// On to another page, which shows what was done.
    case done(String, to: String)
    case redirect(String)
    /// A message's HTML, for a frame of ours: it runs nothing and fetches nothing.
    case mail(String)
    /// To be saved under a name.
    case file(name: String, contentType: String, bytes: [UInt8])
}
