package import MailModel
package import OutboundPolicy

/// A sender, or somebody for it, asks for more than it may.
package struct AskForLimit: AdministrativeOperation {
    package static let name = "requests.add"
    package static let scope = AccessScope.requestsWrite
    /// `a@example.org`, `connector:scanner`, `api-key:shop`.
    package var sender: String
    /// Of `LimitRequest.limitsKnown`, with `value`; nil asks for the right to send bulk mail, where `bulk` says so.
    package var limit: String?
    package var value: Int?
    package var bulk: Bool?

    package init(sender: String, limit: String? = nil, value: Int? = nil, bulk: Bool? = nil) {
        self.sender = sender
        self.limit = limit
        self.value = value
        self.bulk = bulk
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> LimitRequestView {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "a request wants a reason", "Give --reason; whoever decides goes by it.")
        }
        let wish = try wish()
        let directory = try await administration.directory()
        let subject = try LimitSubject.find(sender, in: directory)
        var number = act.at.milliseconds
        while directory.limitRequests["Q\(number)"] != nil { number += 1 }
        let request = LimitRequest(
            id: "Q\(number)", sender: subject.name, wish: wish, reason: act.reason, askedAt: act.at,
            askedBy: directory.person(act.actor))
        let alike = directory.limitRequests.values.filter(request.isLike)
        if let open = alike.first(where: { $0.decision == nil }) {
            throw AdministrationError(.conflict, "\(subject.name) has asked for that already: \(open.id)", "Wait for the decision on it.")
        }
        try await administration.put(
            .limitRequest, name: request.id, request, mustBeNew: true, entry: act.entry("request.add", target: request.id))
        // The audit keeps those that nothing comes of any more: so there are never more than three of a kind of a sender.
        for old in alike where old.isOver(at: act.at) {
            try await administration.remove(.limitRequest, name: old.id, entry: act.entry("request.forget", target: old.id))
        }
        let view = LimitRequestView(request, at: act.at)
        administration.live?.raise(
            AlertCondition(
                .requestMade, subject: "request:\(request.id)", tenant: subject.tenant, at: act.at,
                text: "\(subject.name) asks for \(view.text): \(act.reason)",
                advice: "postern requests approve \(request.id) --until DATE, or postern requests refuse \(request.id) --reason …"))
        return view
    }

    private func wish() throws -> LimitRequest.Wish {
        guard let limit else {
            guard bulk == true, value == nil else {
                throw AdministrationError(.invalid, "it is not said what is asked for", "Give --limit NAME with --value N, or --bulk.")
            }
            return .bulk
        }
        guard let name = LimitName(rawValue: limit), LimitRequest.limitsKnown.contains(name) else {
            let known = LimitRequest.limitsKnown.map(\.rawValue).joined(separator: ", ")
            throw AdministrationError(.invalid, "no sender can ask for \(limit)", "There are \(known).")
        }
        guard bulk != true, let value, (1...LimitRequest.valueMax).contains(value) else {
            throw AdministrationError(
                .invalid, "\(limit) is asked for without a number of 1…\(LimitRequest.valueMax), or together with bulk",
                "Give --limit NAME with --value N, or --bulk.")
        }
        return .limit(name: name, value: value)
    }
}

package struct ListLimitRequests: AdministrativeOperation {
    package static let name = "requests.list"
    package static let scope = AccessScope.requestsRead
    /// Those too that were refused or are over.
    package var all: Bool

    package init(all: Bool = false) { self.all = all }

    package func perform(in administration: Administration, _ act: Act) async throws -> [LimitRequestView] {
        try await administration.directory().limitRequests.values.filter { all || !$0.isOver(at: act.at) }
            .sorted { ($0.askedAt, $0.id) > ($1.askedAt, $1.id) }
            .map { LimitRequestView($0, at: act.at) }
    }
}

package struct ApproveLimitRequest: AdministrativeOperation {
    package static let name = "requests.approve"
    package static let scope = AccessScope.requestsDecide
    package var id: String
    package var until: Timestamp

    package init(id: String, until: Timestamp) {
        self.id = id
        self.until = until
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> LimitRequestView {
        guard until > act.at, until <= act.at + LimitRequest.longestGrant else {
            throw AdministrationError(
                .invalid, "\(until.rfc3339) is over, or more than 366 days from now", "Give a time at which the grant ends.")
        }
        return try await administration.decide(id, until: until, act)
    }
}

package struct RefuseLimitRequest: AdministrativeOperation {
    package static let name = "requests.refuse"
    package static let scope = AccessScope.requestsDecide
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> LimitRequestView {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "a refusal wants a reason", "Give --reason; whoever asked wants to know.")
        }
        return try await administration.decide(id, until: nil, act)
    }
}

extension Administration {
    /// `until`: nil refuses.
    fileprivate func decide(_ id: String, until: Timestamp?, _ act: Act) async throws -> LimitRequestView {
        let directory = try await directory()
        guard var request = directory.limitRequests[id] else { throw AdministrationError.noSuch("request", id) }
        guard request.decision == nil else {
            throw AdministrationError(.conflict, "\(id) was decided already", "`postern requests list --all` shows by whom; ask again.")
        }
        let person = directory.person(act.actor)
        let isOwn = person == request.askedBy || person == "account:\(request.sender)" || person == request.sender
        guard !isOwn || act.actor.hasPrefix("local:") else {
            throw AdministrationError(.denied, "nobody decides on a request of its own", "Let another approver decide on \(id).")
        }
        request.decision = LimitRequest.Decision(until: until, by: person, at: act.at, reason: act.reason)
        let verb = until == nil ? "refuse" : "approve"
        try await put(.limitRequest, name: id, request, expecting: request.version, entry: act.entry("request.\(verb)", target: id))
        live?.raise(
            AlertCondition(
                .requestMade, subject: "request:\(id)", at: act.at,
                text: "\(person) has \(until.map { "granted \(id) until \($0.rfc3339)" } ?? "refused \(id)")", isOver: true))
        return LimitRequestView(request, at: act.at)
    }
}

extension Directory {
    /// Who is behind an actor: of a key that acts for an account, the account.
    fileprivate func person(_ actor: String) -> String {
        let prefix = "api-key:"
        guard actor.hasPrefix(prefix), let account = apiKeys[String(actor.dropFirst(prefix.count))]?.account else { return actor }
        return "account:\(account.key)"
    }
}
