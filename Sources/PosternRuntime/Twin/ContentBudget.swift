import Synchronization

/// Octets of content that are under way on all connections of a twin.
final class ContentBudget: Sendable {
    private static let bytesMax = 256 << 20
    private let bytes = Atomic<Int>(0)

    /// False: there is no room.
    func reserve(_ count: Int) -> Bool {
        guard bytes.add(count, ordering: .relaxed).newValue <= ContentBudget.bytesMax else {
            release(count)
            return false
        }
        return true
    }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
