package import MailModel

/// Counts messages as they are scanned in groups of copies; each message once, however often its client offers it.
package struct DuplicateWatch: Sendable {
    /// What there was like a message.
    package struct Copies: Hashable, Sendable {
        /// That message included.
        package var figures: DuplicateFigures
        /// The same person has sent one like it before.
        package var isRepetition: Bool
    }

    package private(set) var index: DuplicateIndex
    private let limits: DuplicateIndex.Limits
    /// Messages counted: filled now, and those before them.
    private var young: Set<UInt64> = []
    private var old: Set<UInt64> = []
    private var recent = RecentSketches()

    /// Of each half.
    private static let countedMax = 20_000

    /// `index` was made with the same limits.
    package init(index: DuplicateIndex? = nil, limits: DuplicateIndex.Limits = DuplicateIndex.Limits()) {
        self.index = index ?? DuplicateIndex(limits: limits)
        self.limits = limits
    }

    /// `key`: the same each time that this message is offered, and no other's; nil where it cannot be told. `isPersonal`: by a person, and of
    /// the kind that should not be sent over and over. Nil for a message without text.
    package mutating func scanned(_ sketch: Sketch, _ member: DuplicateGroup.Member, key: UInt64?, isPersonal: Bool) -> Copies? {
        guard sketch.hasWords else { return nil }
        if let key, !count(key), let group = index.group(like: sketch) {
            let isRepetition = isPersonal && recent.repeats(sketch, member)
            return Copies(figures: group.figures(at: member.at, limits), isRepetition: isRepetition)
        }
        var isRepetition = false
        if isPersonal {
            isRepetition = recent.repeats(sketch, member)
            recent.add(sketch, member)
        }
        return index.seen(sketch, member).map { Copies(figures: $0, isRepetition: isRepetition) }
    }

    /// Groups of several messages, most recipients first.
    package func largest(_ count: Int, at time: Timestamp) -> [(group: DuplicateGroup, figures: DuplicateFigures)] {
        index.largest(count, at: time)
    }

    /// False where it was counted before.
    private mutating func count(_ key: UInt64) -> Bool {
        guard !young.contains(key), !old.contains(key) else { return false }
        if young.count >= DuplicateWatch.countedMax {
            old = young
            young = []
        }
        young.insert(key)
        return true
    }
}
