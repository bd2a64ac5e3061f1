package import MailModel

/// A bearer token and its life.
package struct AccessToken: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var value: String
    package var issuedAt: Timestamp
    package var expiresAt: Timestamp

    package init(value: String, issuedAt: Timestamp, expiresAt: Timestamp) {
        self.value = value
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// From then on a new one is asked for beside the use of this one: five minutes before its end, or at half of a short life.
    package var renewAt: Timestamp {
        expiresAt - .milliseconds(min(300_000, (expiresAt - issuedAt).milliseconds / 2))
    }

    /// Until then it may be handed out: a sign-in takes a moment, and clocks differ.
    package var usableUntil: Timestamp {
        expiresAt - .milliseconds(min(30_000, (expiresAt - issuedAt).milliseconds / 10))
    }

    /// Without the token, so that a log line cannot carry it.
    package var description: String { "token until \(expiresAt.rfc3339)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["expiresAt": expiresAt]) }
}

/// The token of one route: which connection may use which, when a new one is asked for, and what is said where there is none.
///
/// One fetch at a time. A fetch that failed is not repeated before `nextFetchAt`, whoever asks.
package struct TokenSupply: Hashable, Sendable {
    package enum Decision: Hashable, Sendable {
        case use(AccessToken)
        /// Use it, and fetch the next one meanwhile.
        case useAndFetch(AccessToken)
        /// Fetch, and wait for it.
        case fetch
        /// A fetch is under way; wait for it.
        case wait
        /// The last fetch failed, and it is too early for another.
        case fail(TokenFault)
    }

    package private(set) var token: AccessToken?
    package private(set) var isFetching = false
    package private(set) var fault: TokenFault?
    package private(set) var nextFetchAt: Timestamp?
    /// One after another.
    private var failures = 0

    package init() {}

    /// A connection needs a token. `refused`: the one that the host has just refused it; it is not handed out again.
    package mutating func ask(refused: String? = nil, at now: Timestamp) -> Decision {
        if let refused, token?.value == refused { token = nil }
        if let token, now < token.usableUntil {
            guard now >= token.renewAt, mayFetch(at: now) else { return .use(token) }
            isFetching = true
            return .useAndFetch(token)
        }
        if isFetching { return .wait }
        guard mayFetch(at: now) else { return .fail(fault ?? TokenFault(code: "unknown", text: "no token")) }
        isFetching = true
        return .fetch
    }

    /// The fetch that was asked for has ended.
    package mutating func fetched(_ result: Result<AccessToken, TokenFault>, at now: Timestamp) {
        isFetching = false
        switch result {
        case .success(let token):
            self.token = token
            (fault, nextFetchAt, failures) = (nil, nil, 0)
        case .failure(let fault):
            self.fault = fault
            failures += 1
            nextFetchAt = now + TokenSupply.wait(after: failures, fault)
        }
    }

    private func mayFetch(at now: Timestamp) -> Bool { !isFetching && nextFetchAt.map { now >= $0 } ?? true }

    /// Twice as long each time: from 5 seconds to 10 minutes, and from a minute to an hour where a person has to mend something. Never
    /// less than the endpoint asks for.
    static func wait(after failures: Int, _ fault: TokenFault) -> Duration {
        let doublings = min(max(failures, 1) - 1, 10)
        let (first, most) = fault.isLasting ? (60, 3600) : (5, 600)
        return .seconds(max(min(first << doublings, most), min(fault.retryAfter ?? 0, 3600)))
    }
}
