package import MailModel

/// The Authenticated Received Chain (RFC 8617): what mail passed before it was forwarded, sealed by each that forwarded it. Without DNS:
/// key records come as values.
package enum ARC {
    /// RFC 8617 §4.2.1.
    package static let instancesMax = 50
    /// ARC fields of one message that are looked at; a message of more has no chain that could be right.
    static let fieldsMax = instancesMax * 3
}

/// What a chain came to (RFC 8617 §5.2).
package enum ARCChain: Hashable, Sendable {
    case none
    /// `instances`: 1…50. `sealers`: the domains of its seals, the oldest first.
    case pass(instances: Int, sealers: [DomainName])
    /// `instances`: the highest that it shows, 0…50; 0 where none can be read.
    case fail(reason: String, instances: Int)
    /// A key could not be asked for: try again later.
    case temporaryError(reason: String)

    /// As Authentication-Results has it; nil where it has to be looked at again.
    package var result: String? {
        switch self {
        case .none: "none"
        case .pass: "pass"
        case .fail: "fail"
        case .temporaryError: nil
        }
    }
}
