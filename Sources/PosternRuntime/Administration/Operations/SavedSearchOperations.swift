package import OutboundPolicy

package struct SavedSearchView: Codable, Hashable, Sendable {
    package var name: String
    package var isShared: Bool
    package var text: String
    /// Empty for all.
    package var status: String
    /// Nil for the usual time.
    package var hours: Int?

    init(_ search: SavedSearch) {
        name = search.name
        isShared = search.owner == nil
        text = search.text
        status = search.status ?? ""
        hours = search.hours
    }
}

/// One's own and those that are shared, by name.
package struct ListSavedSearches: AdministrativeOperation {
    package static let name = "trace.saved.list"
    package static let scope = AccessScope.traceRead

    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [SavedSearchView] {
        try await administration.directory().savedSearches.values.filter { $0.owner == nil || $0.owner == act.actor }
            .sorted { ($0.name, $0.owner ?? "") < ($1.name, $1.owner ?? "") }.map(SavedSearchView.init)
    }
}

/// One of the same name, and as much shared, is replaced.
package struct AddSavedSearch: AdministrativeOperation {
    package static let name = "trace.saved.add"
    package static let scope = AccessScope.traceRead
    package var search: String
    package var text: String
    /// As in `TraceQuery`; nil for all.
    package var status: String?
    /// 1…8,760; nil for the usual time.
    package var hours: Int?
    /// For everyone who may see the trace.
    package var shared: Bool

    package init(search: String, text: String, status: String? = nil, hours: Int? = nil, shared: Bool = false) {
        self.search = search
        self.text = text
        self.status = status
        self.hours = hours
        self.shared = shared
    }

    static let countMax = 1000
    static let nameMax = 60

    package func perform(in administration: Administration, _ act: Act) async throws -> SavedSearchView {
        let saved = SavedSearch(name: search, owner: shared ? nil : act.actor, text: text, status: status, hours: hours)
        guard (1...AddSavedSearch.nameMax).contains(search.count), !search.contains("/"),
            search.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw AdministrationError(
                .invalid, "a saved search cannot be called \"\(search)\"",
                "A name has 1 to \(AddSavedSearch.nameMax) characters without a slash.")
        }
        guard text.utf8.count <= FindTrace.textBytesMax, (1...8760).contains(hours ?? 1) else {
            throw AdministrationError(.invalid, "the text is too long, or the hours are not 1 to 8760")
        }
        try SearchTrace.check(status)
        let known = try await administration.directory().savedSearches
        guard known[saved.key] != nil || known.count < AddSavedSearch.countMax else {
            throw AdministrationError(.conflict, "there are \(AddSavedSearch.countMax) saved searches already", "Remove some first.")
        }
        try await administration.put(.savedSearch, name: saved.key, saved, entry: act.entry("trace.saved.add", target: saved.key))
        return SavedSearchView(saved)
    }
}

/// Of one's own before those that are shared.
package struct RemoveSavedSearch: AdministrativeOperation {
    package static let name = "trace.saved.remove"
    package static let scope = AccessScope.traceRead
    package var search: String

    package init(search: String) { self.search = search }

    package func perform(in administration: Administration, _ act: Act) async throws -> SavedSearchView {
        let known = try await administration.directory().savedSearches
        let own = SavedSearch(name: search, owner: act.actor, text: "")
        // A key with an owner in it is somebody else's.
        guard let found = known[own.key] ?? known[search].flatMap({ $0.owner == nil ? $0 : nil }) else {
            throw AdministrationError(
                .notFound, "there is no saved search \(search)", "`postern trace saved list` shows those there are.")
        }
        try await administration.remove(.savedSearch, name: found.key, entry: act.entry("trace.saved.remove", target: found.key))
        return SavedSearchView(found)
    }
}
