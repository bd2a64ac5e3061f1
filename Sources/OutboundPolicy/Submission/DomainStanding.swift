package import InternetMessage
package import MailModel

/// What the latest look at a domain found of what Gmail, Yahoo or Outlook.com refuse mail for that has it in From: an object of the
/// directory, there as long as there is something.
package struct DomainStanding: Hashable, Sendable, Codable {
    package struct Problem: Hashable, Sendable, Codable {
        /// `identity.unauthenticated`, `identity.dmarc`, `identity.unreachable`.
        package var rule: String
        /// One sentence.
        package var text: String
        /// Lines of a zone file; empty where no record mends it.
        package var publish: [String]
        /// Routes that it holds for; nil: all.
        package var routes: [String]?

        package init(rule: String, text: String, publish: [String] = [], routes: [String]? = nil) {
            self.rule = rule
            self.text = text
            self.publish = publish
            self.routes = routes
        }
    }

    package var domain: DomainName
    /// The gravest first; never empty.
    package var problems: [Problem]

    package init(domain: DomainName, problems: [Problem]) {
        self.domain = domain
        self.problems = problems
    }

    /// The gravest that holds for mail by a route; `route`: nil where any may be taken.
    package func problem(byRoute route: String?) -> Problem? {
        problems.first { problem in problem.routes.map { routes in route.map(routes.contains) ?? false } ?? true }
    }
}

/// What is done with mail whose From domain large receivers would refuse.
package enum IdentityAction: String, Hashable, Sendable, CaseIterable {
    case off, warn, refuse
}

extension SubmissionRules {
    /// `standings`: of the latest looks; nothing is asked. `byRoute`: the only one that the submitter may use; nil for any. `isExternal`:
    /// whether somebody outside gets it.
    package func identity(
        _ facts: MessageFacts, standings: [DomainName: DomainStanding], byRoute route: String?, isExternal: Bool
    ) -> Verdict {
        guard identity != .off, isExternal, !standings.isEmpty,
            let standing = facts.from.first?.domain.flatMap({ standings[$0] }), let problem = standing.problem(byRoute: route)
        else { return .accept([]) }
        let publish = problem.publish.isEmpty ? "" : " Publish: \(problem.publish.joined(separator: "; "))"
        let finding = Finding(rule: problem.rule, matched: standing.domain.text, explanation: "\(problem.text)\(publish)")
        guard identity == .refuse else { return .accept([finding]) }
        let text = "\(problem.text) `postern domain check \(standing.domain)` shows what to publish"
        return .refuse(SMTPReply(550, EnhancedStatusCode(5, 7, 26), text), [finding])
    }
}
