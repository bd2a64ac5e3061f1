package import MailModel

/// Groups of messages that are copies of one text, by whomever they were sent, within a sliding window.
///
/// The memory is bounded: so many groups, and so many members of each; where there is no room, the group that was silent longest goes.
package struct DuplicateIndex: Sendable {
    package struct Limits: Hashable, Sendable {
        package var groupsMax: Int
        package var membersMax: Int
        /// Messages count for so long, in steps of a 24th of it.
        package var windowMilliseconds: Int64

        package init(groupsMax: Int = 10_000, membersMax: Int = 50, windowMilliseconds: Int64 = 86_400_000) {
            precondition(groupsMax > 0 && membersMax > 0 && windowMilliseconds >= 24)
            (self.groupsMax, self.membersMax, self.windowMilliseconds) = (groupsMax, membersMax, windowMilliseconds)
        }
    }

    private let limits: Limits
    private var groups: [UInt64: DuplicateGroup] = [:]
    private var nextID: UInt64 = 1
    /// Which groups have these hashes at these places of their sketch.
    private var bands: [UInt64: [UInt64]] = [:]

    package init(limits: Limits = Limits()) { self.limits = limits }

    package var count: Int { groups.count }

    /// Notes a message, and says what there was of its kind. Nil for one without text.
    package mutating func seen(_ sketch: Sketch, _ member: DuplicateGroup.Member) -> DuplicateFigures? {
        guard sketch.hasWords else { return nil }
        let id = find(sketch) ?? begin(sketch, at: member.at)
        guard var group = groups[id] else { return nil }
        group.add(member, limits)
        groups[id] = group
        return group.figures(at: member.at, limits)
    }

    /// What there is like a sketch, without noting anything.
    package func group(like sketch: Sketch) -> DuplicateGroup? { find(sketch).flatMap { groups[$0] } }

    /// Groups of several messages, most recipients within the window first.
    package func largest(_ count: Int, at time: Timestamp) -> [(group: DuplicateGroup, figures: DuplicateFigures)] {
        groups.values.map { ($0, $0.figures(at: time, limits)) }.filter { $0.1.messages > 1 }
            .sorted { ($0.1.recipients, $0.0.id) > ($1.1.recipients, $1.0.id) }.prefix(count).map { $0 }
    }

    private func find(_ sketch: Sketch) -> UInt64? {
        var tried: Set<UInt64> = []
        var best: (id: UInt64, likeness: Double)?
        for band in DuplicateIndex.bands(sketch) {
            for id in bands[band] ?? [] where tried.insert(id).inserted {
                guard let group = groups[id], group.sketch.isLike(sketch) else { continue }
                let likeness = group.sketch.likeness(sketch)
                if best.map({ (likeness, $0.id) > ($0.likeness, id) }) ?? true { best = (id, likeness) }
            }
        }
        return best?.id
    }

    private mutating func begin(_ sketch: Sketch, at time: Timestamp) -> UInt64 {
        makeRoom(at: time)
        let group = DuplicateGroup(id: nextID, sketch: sketch)
        nextID += 1
        insert(group)
        return group.id
    }

    private mutating func insert(_ group: DuplicateGroup) {
        groups[group.id] = group
        for band in DuplicateIndex.bands(group.sketch) {
            // A band that very many share says nothing; the newest stay.
            var ids = bands[band] ?? []
            if ids.count >= DuplicateIndex.bandGroupsMax { ids.removeFirst() }
            bands[band] = ids + [group.id]
        }
    }

    /// Takes a tenth of the groups away where there are as many as may be: those silent longest.
    private mutating func makeRoom(at time: Timestamp) {
        guard groups.count >= limits.groupsMax else { return }
        let old = groups.values.sorted { ($0.lastAt, $0.id) < ($1.lastAt, $1.id) }.prefix(max(1, limits.groupsMax / 10))
        for group in old {
            groups[group.id] = nil
            for band in DuplicateIndex.bands(group.sketch) {
                let rest = (bands[band] ?? []).filter { $0 != group.id }
                bands[band] = rest.isEmpty ? nil : rest
            }
        }
    }

    private static let bandGroupsMax = 32

    /// Each two hashes of the sketch together: texts of which half is the same share one of 16 in 99 of 100 cases. And each two links.
    private static func bands(_ sketch: Sketch) -> [UInt64] {
        var bands = stride(from: 0, to: Sketch.size, by: 2).map { place in
            WordTokens.mixed(UInt64(sketch.words[place]) << 32 | UInt64(sketch.words[place + 1])) &+ UInt64(place)
        }
        bands += sketch.links.map { WordTokens.mixed(UInt64($0) | 1 << 63) }
        return bands
    }
}

extension DuplicateIndex {
    private static let version: UInt8 = 1

    /// All of it, for a restart.
    package var octets: [UInt8] {
        var octets = [DuplicateIndex.version]
        octets.append(little: UInt32(groups.count))
        for group in groups.values.sorted(by: { $0.id < $1.id }) { group.write(to: &octets) }
        return octets
    }

    /// Nil for what is no index of this version.
    package init?(octets: [UInt8], limits: Limits = Limits()) {
        self.init(limits: limits)
        var reader = OctetReader(octets[...])
        guard reader.read(UInt8.self) == DuplicateIndex.version, let count = reader.read(UInt32.self) else { return nil }
        for _ in 0..<count {
            guard let group = DuplicateGroup(&reader, limits) else { return nil }
            if groups.count < limits.groupsMax { insert(group) }
            nextID = max(nextID, group.id &+ 1)
        }
        guard reader.left == 0 else { return nil }
    }
}
