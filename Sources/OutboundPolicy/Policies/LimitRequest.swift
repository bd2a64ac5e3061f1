package import MailModel

/// What a sender asks for: more than it may now. Once granted it is in force until it expires, which needs no act.
package struct LimitRequest: Hashable, Sendable, Codable {
    package enum Wish: Hashable, Sendable, Codable {
        /// As much as `value` in the limit's window, in place of less.
        case limit(name: LimitName, value: Int)
        /// To send as traffic class campaign.
        case bulk
    }

    package struct Decision: Hashable, Sendable, Codable {
        /// Granted until then; nil where it was refused.
        package var until: Timestamp?
        package var by: String
        package var at: Timestamp
        package var reason: String

        package init(until: Timestamp?, by: String, at: Timestamp, reason: String) {
            self.until = until
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    /// `Q1800000000000`: it stands in the source of the limit.
    package var id: String
    /// As the trace names it, in lower case: `a@example.org`, `connector:scanner`, `api-key:shop`.
    package var sender: String
    package var wish: Wish
    package var reason: String
    package var askedAt: Timestamp
    /// The person: of a key that acts for an account, the account.
    package var askedBy: String
    /// Nil while nobody has decided.
    package var decision: Decision?
    /// Of the object as the store has it; 0 before it is there.
    package var version: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case id, sender, wish, reason, askedAt, askedBy, decision
    }

    package init(id: String, sender: String, wish: Wish, reason: String, askedAt: Timestamp, askedBy: String) {
        self.id = id
        self.sender = sender.lowercased()
        self.wish = wish
        self.reason = reason
        self.askedAt = askedAt
        self.askedBy = askedBy
    }

    /// The longest time that anything is granted for.
    package static let longestGrant = Duration.seconds(366 * 86_400)
    package static let valueMax = 1_000_000_000

    /// The limits of a sender; those of connectors and of the organisation are not a sender's to ask for.
    package static let limitsKnown: [LimitName] = [
        .messagesPerMinute, .externalPerHour, .internalPerHour, .recipientsPerDay, .recipientsPer24Hours, .firstTimePer24Hours,
        .mebibytesPer24Hours,
    ]

    package func isInForce(at now: Timestamp) -> Bool { decision?.until.map { now < $0 } ?? false }

    /// True where nothing comes of it any more: refused, or its time is over.
    package func isOver(at now: Timestamp) -> Bool { decision != nil && !isInForce(at: now) }

    /// Whether both are for the same right of the same sender, with whatever value.
    package func isLike(_ other: LimitRequest) -> Bool {
        guard sender == other.sender else { return false }
        switch (wish, other.wish) {
        case (.bulk, .bulk): return true
        case (.limit(let name, _), .limit(let otherName, _)): return name == otherName
        case (.bulk, .limit), (.limit, .bulk): return false
        }
    }
}

/// The requests of one directory version that were granted.
package struct GrantTable: Sendable {
    /// By sender.
    private let granted: [String: [LimitRequest]]

    package init(_ requests: some Sequence<LimitRequest>) {
        granted = Dictionary(grouping: requests.filter { $0.decision?.until != nil }, by: \.sender)
    }

    private func inForce(_ sender: String, at now: Timestamp) -> [LimitRequest] {
        guard !granted.isEmpty, let requests = granted[sender.lowercased()] else { return [] }
        return requests.filter { $0.isInForce(at: now) }
    }

    /// The limits of a sender with what was granted to it, which only raises them.
    package func raised(_ limits: [Limit], of sender: String, at now: Timestamp) -> [Limit] {
        let requests = inForce(sender, at: now)
        guard !requests.isEmpty else { return limits }
        var limits = limits
        for index in limits.indices {
            for request in requests {
                guard case .limit(limits[index].name, let value) = request.wish, value > limits[index].value else { continue }
                limits[index].value = value
                limits[index].source = "request:\(request.id)"
            }
        }
        return limits
    }

    /// The traffic class of a sender's mail.
    package func trafficClass(_ usual: TrafficClass, of sender: String, at now: Timestamp) -> TrafficClass {
        inForce(sender, at: now).contains { $0.wish == .bulk } ? .campaign : usual
    }
}
