/// What went wrong with an operation: what, where, and what to do about it.
package struct AdministrationError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, Codable {
        /// The request itself is wrong.
        case invalid
        case notFound
        /// It is there already, or was changed meanwhile.
        case conflict
        /// No gate runs, and the operation needs one; or the gate does not answer.
        case unavailable
        /// Not the caller's to do.
        case denied
        case failed
    }

    package var kind: Kind
    /// One sentence: what is wrong, with the name or value that it is about.
    package var problem: String
    /// One sentence: what to do. May be empty.
    package var advice: String

    package init(_ kind: Kind, _ problem: String, _ advice: String = "") {
        self.kind = kind
        self.problem = problem
        self.advice = advice
    }

    package var description: String { advice.isEmpty ? problem : "\(problem). \(advice)" }
}

extension AdministrationError {
    static func noSuch(_ what: String, _ name: String) -> AdministrationError {
        AdministrationError(.notFound, "there is no \(what) \(name)", "`postern \(what)s list` shows those there are.")
    }

    static func exists(_ what: String, _ name: String) -> AdministrationError {
        AdministrationError(.conflict, "there is a \(what) \(name) already", "Take another name, or remove it first.")
    }
}
