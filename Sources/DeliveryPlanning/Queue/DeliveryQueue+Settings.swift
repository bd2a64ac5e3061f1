extension DeliveryQueue {
    /// New bounds and times, from now on. What is above a bound that was lowered goes on; nothing is added until there is room.
    package mutating func settingsChanged(_ new: QueueSettings) { settings = new }
}
