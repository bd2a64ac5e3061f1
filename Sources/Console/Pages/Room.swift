/// A page with what can be done on it.
package struct Room: Sendable {
    package typealias Answer = @Sendable (PageRequest) async throws -> PageAnswer

    /// Something that a form of the room does. Where it throws a `Problem`, the page is shown again with it, and with what was filled in.
    package struct Act: Sendable {
        /// One of these is needed; empty: none beside those of the room.
        package var scopes: Set<String>
        package var perform: Answer

        package init(_ scopes: Set<String> = [], _ perform: @escaping Answer) {
            self.scopes = scopes
            self.perform = perform
        }
    }

    /// `/restricted/{entity}`.
    package var path: String
    /// One of these is needed to see it; empty: being signed in is enough.
    package var scopes: Set<String>
    package var page: Answer
    /// By name: what a form says in `do`.
    package var acts: [String: Act]
    /// True where it says other things to other people of the same rights; else many who follow it cost as much as one.
    package var isPersonal: Bool

    package init(
        _ path: String, _ scopes: Set<String>, isPersonal: Bool = false, acts: [String: Act] = [:], page: @escaping Answer
    ) {
        self.path = path
        self.scopes = scopes
        self.isPersonal = isPersonal
        self.page = page
        self.acts = acts
    }
}
