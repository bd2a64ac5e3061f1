import MailModel
import OutboundPolicy

extension DeliveryQueue {
    /// Bulk mail whose sender takes reports. An account at the next host may send as itself alone, so its mail keeps the sender's address.
    func hasOwnReturnPath(_ record: MessageRecord, by route: Route) -> Bool {
        guard settings.hasOwnReturnPaths, TrafficLane(record) == .bulk, record.reversePath != .null else { return false }
        if case .smarthost(let hop) = route.kind { return hop.userName == nil }
        return true
    }
}
