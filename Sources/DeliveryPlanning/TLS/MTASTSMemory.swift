package import MailModel

/// What is kept of a domain's MTA-STS policy from one message to the next.
package struct MTASTSMemory: Hashable, Sendable, Codable {
    /// Nil where none was ever fetched.
    package var policy: MTASTSPolicy?
    /// Of the record that announced the policy.
    package var id: String
    package var fetchedAt: Timestamp
    /// When the last fetch came to nothing, and what it came to; nil where it went well.
    package var failedAt: Timestamp?
    package var fault: MTASTSFault?

    package init(id: String, fetchedAt: Timestamp) {
        self.id = id
        self.fetchedAt = fetchedAt
    }

    package var expiresAt: Timestamp { fetchedAt + .seconds(policy?.maxAgeSeconds ?? 0) }

    /// The policy, while it holds.
    package func live(at now: Timestamp) -> MTASTSPolicy? { now < expiresAt ? policy : nil }

    /// What is to be done about a domain before mail goes there.
    package enum Step: Hashable, Sendable {
        /// Go by this; nil: the domain has no policy.
        case use(MTASTSPolicy?)
        /// Fetch the policy that this id announces, then go by what `fetched` and `failed` say.
        case fetch(id: String)
    }

    /// A failed fetch is not repeated for this long (RFC 8461 §3.3 asks for five minutes or more).
    private static let retryAfter = Duration.seconds(300)
    /// A policy is fetched again after this time though its id stands, so that it does not run out (RFC 8461 §3.3).
    private static let refreshAfter = Duration.seconds(86_400)

    /// `known`: what is kept; nil for nothing.
    package static func step(_ known: MTASTSMemory?, _ record: MTASTSRecord, at now: Timestamp) -> Step {
        let live = known?.live(at: now)
        switch record {
        // A policy that is cached holds until its end, whatever DNS says (RFC 8461 §3.1): a record is easily taken away by an attacker.
        case .missing, .unknown: return .use(live)
        case .announced(let id):
            guard let known else { return .fetch(id: id) }
            if let failedAt = known.failedAt, now < failedAt + retryAfter { return .use(live) }
            let isFresh = known.id == id && live != nil && now < known.fetchedAt + min(refreshAfter, .seconds(max(0, known.halfLife)))
            return isFresh ? .use(live) : .fetch(id: id)
        }
    }

    private var halfLife: Int { (policy?.maxAgeSeconds ?? 0) / 2 }

    /// What is kept after a fetch. A failed one leaves the policy that holds.
    package static func fetched(
        _ known: MTASTSMemory?, id: String, _ result: Result<MTASTSPolicy, MTASTSFault>, at now: Timestamp
    ) -> MTASTSMemory {
        switch result {
        case .success(let policy):
            var memory = MTASTSMemory(id: id, fetchedAt: now)
            memory.policy = policy
            return memory
        case .failure(let fault):
            var memory = known ?? MTASTSMemory(id: id, fetchedAt: now)
            memory.failedAt = now
            memory.fault = fault
            return memory
        }
    }
}

/// What is known of a domain's policy when mail goes there.
package struct DomainSTS: Hashable, Sendable {
    /// The policy to go by; nil for none.
    package var policy: MTASTSPolicy?
    /// Why there is none, or no newer one, though one is announced.
    package var fault: MTASTSFault?

    package init(policy: MTASTSPolicy? = nil, fault: MTASTSFault? = nil) {
        self.policy = policy
        self.fault = fault
    }
}
