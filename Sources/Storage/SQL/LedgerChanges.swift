import DeliveryPlanning
import MailModel
import OutboundPolicy

/// What one commit adds to the ledger's counters, so that each is written once.
struct LedgerChanges {
    struct Key: Hashable {
        var tenant: TenantID
        /// Of the message's identifier.
        var day: Int32
        /// A state's raw value, or -1 for accepted.
        var counter: Int
    }

    private(set) var totals: [Key: Int64] = [:]

    mutating func removeAll() { totals.removeAll(keepingCapacity: true) }

    mutating func accept(_ count: Int, tenant: TenantID, day: Int32) {
        totals[Key(tenant: tenant, day: day, counter: -1), default: 0] += Int64(count)
    }

    mutating func add(_ count: Int, to state: RecipientState, tenant: TenantID, day: Int32) {
        totals[Key(tenant: tenant, day: day, counter: state.rawValue), default: 0] += Int64(count)
    }

    mutating func move(from old: RecipientState, to new: RecipientState, tenant: TenantID, day: Int32) {
        guard old != new else { return }
        add(-1, to: old, tenant: tenant, day: day)
        add(1, to: new, tenant: tenant, day: day)
    }
}
