package import MailModel

extension DeliveryQueue {
    /// New bounds and times, from now on. What is above a bound that was lowered goes on; nothing is added until there is room.
    package mutating func settingsChanged(_ new: QueueSettings, at now: Timestamp) -> [QueueAction] {
        settings = new
        shaping.conditions.transactionalShare = new.transactionalShare
        guard reach.only != Set(new.sources) else { return [] }
        reach.only = Set(new.sources)
        return reachChanged(at: now)
    }
}
