package import DeliveryPlanning
import GateCore
import MailModel

/// Why a message waits for a person.
package enum ReviewReason: String, Codable, Hashable, Sendable, CaseIterable {
    case spam, suspicious
    /// Nothing carries mail of its pool.
    case pool
    /// A limit holds what is over it.
    case limit
    /// An owner of a group decides about it.
    case group
    /// A person has held it, or what it was held for is not noted.
    case person

    /// The first that applies, with the finding that says so.
    package static func of(_ record: MessageRecord) -> (reason: ReviewReason, text: String) {
        func finding(_ matches: (String) -> Bool) -> String? { record.findings.first { matches($0.rule) }?.explanation }
        if let text = finding({ $0 == "scan.held-spam" }) { return (.spam, text) }
        if let text = finding({ $0 == "scan.held-suspicious" }) { return (.suspicious, text) }
        if let text = finding({ $0 == "pool.empty" }) { return (record.scan?.kind == .spam ? .spam : .pool, text) }
        if let text = finding({ $0.hasPrefix("limit.") }) { return (.limit, text) }
        if let text = finding({ $0 == GateCore.moderatedRule }) { return (.group, text) }
        return (.person, "")
    }
}
