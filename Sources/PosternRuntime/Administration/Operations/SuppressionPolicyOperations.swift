import MailModel
package import OutboundPolicy
import Storage

/// What was chosen about the suppression list.
package struct SuppressionPolicyView: Codable, Hashable, Sendable {
    /// By group of reasons (dead, soft, complaint, unsubscribe, manual): names of the traffic classes whose mail it keeps back.
    package var keeps: [String: [String]]
    package var refusesAtSubmission: Bool
    package var softBounces: Int
    package var softDays: Int
    package var softLastsDays: Int
    /// 0: for ever.
    package var deadLastsDays: Int
    package var rates: RatePolicy

    init(_ policy: SuppressionPolicy) {
        keeps = Dictionary(
            uniqueKeysWithValues: SuppressionReason.Group.allCases.map { group in
                (group.rawValue, TrafficClass.allCases.filter { policy.classes[group]?.contains($0) ?? false }.map(\.name))
            })
        refusesAtSubmission = policy.refusesAtSubmission
        (softBounces, softDays, softLastsDays) = (policy.softBounces, policy.softDays, policy.softLastsDays)
        deadLastsDays = policy.deadLastsDays
        rates = policy.rates
    }
}

package struct ShowSuppressionPolicy: AdministrativeOperation {
    package static let name = "suppressions.policy"
    package static let scope = AccessScope.suppressionsRead

    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionPolicyView {
        SuppressionPolicyView(try await administration.directory().suppressionPolicy)
    }
}

/// Changes what is given of it.
package struct SetSuppressionPolicy: AdministrativeOperation {
    package static let name = "suppressions.policy.set"
    package static let scope = AccessScope.policiesWrite
    /// Traffic classes whose mail a group of reasons keeps back, in place of those before.
    package var dead: [String]?
    package var soft: [String]?
    package var complaint: [String]?
    package var unsubscribe: [String]?
    package var manual: [String]?
    package var refusesAtSubmission: Bool?
    package var softBounces: Int?
    package var softDays: Int?
    package var softLastsDays: Int?
    package var deadLastsDays: Int?
    package var rateHours: Int?
    package var rateMessagesMin: Int?
    package var rateEventsMin: Int?
    /// Percent to warn, hold and stop at; 0 for never.
    package var hardBounces: [Double]?
    package var complaints: [Double]?
    package var deferrals: [Double]?

    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionPolicyView {
        var policy = try await administration.directory().suppressionPolicy
        try choose(&policy)
        if let refusesAtSubmission { policy.refusesAtSubmission = refusesAtSubmission }
        if let softBounces { policy.softBounces = softBounces }
        if let softDays { policy.softDays = softDays }
        if let softLastsDays { policy.softLastsDays = softLastsDays }
        if let deadLastsDays { policy.deadLastsDays = deadLastsDays }
        if let rateHours { policy.rates.windowHours = rateHours }
        if let rateMessagesMin { policy.rates.messagesMin = rateMessagesMin }
        if let rateEventsMin { policy.rates.eventsMin = rateEventsMin }
        if let hardBounces { policy.rates.hardBounces = try SetSuppressionPolicy.thresholds(hardBounces) }
        if let complaints { policy.rates.complaints = try SetSuppressionPolicy.thresholds(complaints) }
        if let deferrals { policy.rates.deferrals = try SetSuppressionPolicy.thresholds(deferrals) }
        if let problem = policy.problem { throw AdministrationError(.invalid, problem) }
        try await administration.put(
            .suppressionPolicy, name: SuppressionPolicy.objectName, policy,
            entry: act.entry("suppression.policy", target: SuppressionPolicy.objectName))
        return SuppressionPolicyView(policy)
    }

    private func choose(_ policy: inout SuppressionPolicy) throws {
        let choices: [(SuppressionReason.Group, [String]?)] = [
            (.dead, dead), (.soft, soft), (.complaint, complaint), (.unsubscribe, unsubscribe), (.manual, manual),
        ]
        for case (let group, let names?) in choices {
            policy.classes[group] = Set(
                try names.filter { $0 != "none" }.map { name in
                    guard let found = TrafficClass(name: name) else {
                        throw AdministrationError(
                            .invalid, "\(name) is no traffic class",
                            "They are \(TrafficClass.allCases.map(\.name).joined(separator: ", ")); none for no mail.")
                    }
                    return found
                })
        }
    }

    private static func thresholds(_ percent: [Double]) throws -> RatePolicy.Thresholds {
        guard percent.count == 3 else {
            throw AdministrationError(.invalid, "thresholds are three: to warn, to hold and to stop", "Such as 2,4,8; 0 for never.")
        }
        return RatePolicy.Thresholds(warn: percent[0], hold: percent[1], stop: percent[2])
    }
}
