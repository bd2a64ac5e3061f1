/// A page with what can be done on it.
package struct Room: Sendable {
    package typealias Answer = @Sendable (PageRequest) async throws -> PageAnswer

    /// Something that a form of the room does. Where it throws a `Problem`, the page is shown again with it, and with what was filled in.
    package struct Act: Sendable {
        /// One of these is needed; empty: none beside those of the room.
        package var scopes: Set<String>
        package var perform: Answer
        /// What is asked once more before it is done; nil, or an answer of nil: nothing.
        package var question: (@Sendable (PageRequest) async throws -> Question?)?

        package init(_ scopes: Set<String> = [], _ perform: @escaping Answer) {
            self.scopes = scopes
            self.perform = perform
        }

        /// The same act, which is not done before a page in between was answered: for what cannot be taken back.
        package func asking(_ question: @escaping @Sendable (PageRequest) async throws -> Question?) -> Act {
            var act = self
            act.question = question
            return act
        }
    }

    /// What a page asks before something is done.
    package struct Question: Sendable {
        /// What will happen, in figures where there are any.
        package var text: String
        /// The button that does it.
        package var submit: String

        package init(_ text: String, _ submit: String) {
            self.text = text
            self.submit = submit
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
    /// The page of the handbook that says more, with a heading on it where one fits: `administration#the-stop-button`. Empty: the contents.
    package var help = ""

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
