/// A search of the trace that somebody wants to make again.
package struct SavedSearch: Hashable, Sendable, Codable {
    package var name: String
    /// Whose it is, as the audit names them; nil for everyone's.
    package var owner: String?
    /// As it is typed into the search box; may be empty.
    package var text: String
    /// A state's name, `deferred` or `refused`; nil for all.
    package var status: String?
    /// How far back it looks; nil for the usual time.
    package var hours: Int?

    package init(name: String, owner: String?, text: String, status: String? = nil, hours: Int? = nil) {
        self.name = name
        self.owner = owner
        self.text = text
        self.status = status
        self.hours = hours
    }

    /// Unique: two people may have one of the same name.
    package var key: String { owner.map { "\($0)/\(name)" } ?? name }
}
