import MailModel

/// Which pairs of sender and recipient a greylist has seen, and since when (RFC 6647 §2.2).
struct GreylistMemory: Sendable {
    private struct Pair: Hashable {
        var sender: String
        var recipient: String
    }

    private let delay: Duration
    private let memory: Duration
    private let pairsMax: Int
    private var firstSeen: [Pair: Timestamp] = [:]
    /// The pairs in the order they came; those before `head` are gone.
    private var order: [Pair] = []
    private var head = 0

    init(delay: Duration, memory: Duration, pairsMax: Int) {
        precondition(pairsMax >= 1)
        (self.delay, self.memory, self.pairsMax) = (delay, memory, pairsMax)
    }

    var count: Int { firstSeen.count }

    /// Whether the pair's attempt is taken now; its first one never is.
    mutating func admits(_ sender: String, _ recipient: String, at now: Timestamp) -> Bool {
        forget(at: now)
        let pair = Pair(sender: sender, recipient: recipient)
        if let first = firstSeen[pair] { return now - first >= delay }
        if firstSeen.count >= pairsMax { dropOldest() }
        firstSeen[pair] = now
        order.append(pair)
        return false
    }

    private mutating func forget(at now: Timestamp) {
        while head < order.count, let first = firstSeen[order[head]], now - first >= memory { dropOldest() }
    }

    private mutating func dropOldest() {
        firstSeen[order[head]] = nil
        head += 1
        if head > pairsMax {
            order.removeFirst(head)
            head = 0
        }
    }
}

/// How many recipients each address took in the running minute.
struct ThrottleMemory: Sendable {
    private let recipientsMax: Int
    private let addressesMax: Int
    private var minute: Int64 = .min
    private var counts: [String: Int] = [:]

    init(recipientsMax: Int, addressesMax: Int) {
        precondition(recipientsMax >= 0 && addressesMax >= 1)
        (self.recipientsMax, self.addressesMax) = (recipientsMax, addressesMax)
    }

    mutating func admits(_ address: String, at now: Timestamp) -> Bool {
        let current = now.seconds / 60
        if current != minute {
            minute = current
            counts = [:]
        }
        let count = counts[address] ?? 0
        guard count < recipientsMax, count > 0 || counts.count < addressesMax else { return false }
        counts[address] = count + 1
        return true
    }
}
