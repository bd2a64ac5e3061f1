import Foundation

/// What lies on a disk at some point of a recording, and what a crash at that point may leave of it.
///
/// Durable is what was synced: a file's octets by a sync of the file, its name by a sync of the directory. Of all else a crash may keep any
/// part, in units of a sector. A sync that fails leaves what it was for in doubt for ever: a later sync that works does not cover it
/// (so do Linux file systems, which drop the pages).
struct DiskModel {
    /// Of what was not synced, what a crash leaves.
    enum Rest: Hashable {
        case nothing
        case everything
        /// Each sector by itself, by chance.
        case some(seed: UInt64)
    }

    private enum Change {
        case write(offset: Int, bytes: UnsafeRawBufferPointer)
        case truncate(size: Int)
    }

    private struct Pending {
        var change: Change
        /// A sync that was to make it durable failed.
        var isInDoubt = false
        var isSynced = false
    }

    private struct Content {
        var durable = Data()
        /// Since the first change that is not durable.
        var changes: [Pending] = []

        mutating func sync(isGood: Bool) {
            for index in changes.indices where !changes[index].isSynced && !changes[index].isInDoubt {
                if isGood { changes[index].isSynced = true } else { changes[index].isInDoubt = true }
            }
            let known = changes.prefix { $0.isSynced }
            for change in known { DiskModel.apply(change.change, to: &durable) }
            changes.removeFirst(known.count)
        }
    }

    private enum Entry {
        case made(file: Int, content: Int)
        case removed(file: Int)
    }

    static let sectorBytes = 512

    private var contents: [Content] = []
    /// By file: where its octets are, as the running system sees it, and as the disk has it.
    private var names: [Int: Int] = [:]
    private var durableNames: [Int: Int] = [:]
    private var pendingEntries: [Entry] = []

    mutating func happened(_ event: Recording.Event) {
        switch event {
        case .create(let file):
            contents.append(Content())
            names[file] = contents.count - 1
            pendingEntries.append(.made(file: file, content: contents.count - 1))
        case .delete(let file):
            names[file] = nil
            pendingEntries.append(.removed(file: file))
        case .syncDirectory:
            durableNames = names
            pendingEntries = []
        case .write(let file, let offset, let bytes): change(file, .write(offset: offset, bytes: bytes))
        case .truncate(let file, let size): change(file, .truncate(size: size))
        case .sync(let file, let isGood):
            if let content = names[file] { contents[content].sync(isGood: isGood) }
        case .mark: break
        }
    }

    private mutating func change(_ file: Int, _ change: Change) {
        guard let content = names[file] else { return }
        contents[content].changes.append(Pending(change: change))
    }

    /// The files that a crash leaves, by their numbers.
    func image(_ rest: Rest) -> [Int: Data] {
        var chance = Chance(rest)
        var entries = durableNames
        for entry in pendingEntries where chance.keeps() {
            switch entry {
            case .made(let file, let content): entries[file] = content
            case .removed(let file): entries[file] = nil
            }
        }
        // In a fixed order, so that a seed repeats its image.
        var files: [Int: Data] = [:]
        for (file, content) in entries.sorted(by: { $0.key < $1.key }) { files[file] = octets(contents[content], &chance) }
        return files
    }

    private func octets(_ content: Content, _ chance: inout Chance) -> Data {
        var octets = content.durable
        for pending in content.changes {
            if pending.isSynced {
                DiskModel.apply(pending.change, to: &octets)
                continue
            }
            switch pending.change {
            case .truncate: if chance.keeps() { DiskModel.apply(pending.change, to: &octets) }
            case .write(let offset, let bytes):
                for range in DiskModel.sectors(offset, bytes.count) where chance.keeps() {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[range])
                    DiskModel.apply(.write(offset: offset + range.lowerBound, bytes: part), to: &octets)
                }
            }
        }
        return octets
    }

    /// The parts of a write that lie in one sector each.
    private static func sectors(_ offset: Int, _ count: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while start < count {
            let end = min(count, start + sectorBytes - (offset + start) % sectorBytes)
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }

    private static func apply(_ change: Change, to octets: inout Data) {
        switch change {
        case .truncate(let size): octets.count = size
        case .write(let offset, let bytes):
            if offset + bytes.count > octets.count { octets.count = offset + bytes.count }
            octets.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[offset...]).copyMemory(from: bytes) }
        }
    }
}

/// Decides what of the rest is kept.
private struct Chance {
    private let rest: DiskModel.Rest
    private var random = SplitMix64(seed: 0)
    private var share = 0.0

    init(_ rest: DiskModel.Rest) {
        self.rest = rest
        if case .some(let seed) = rest {
            random = SplitMix64(seed: seed)
            share = [0.1, 0.5, 0.9, 0.98][Int(random.next() % 4)]
        }
    }

    mutating func keeps() -> Bool {
        switch rest {
        case .nothing: false
        case .everything: true
        case .some: Double.random(in: 0..<1, using: &random) < share
        }
    }
}

/// A small generator whose walks can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
