package import MailModel

/// All names that there are in a twin's world. There is nothing beside them: what is not in here does not exist.
package struct TwinZone: Sendable {
    package static let recordsMax = 10_000
    /// Octets of the records of one name and type, so that each answer fits into a packet.
    static let setBytesMax = 1000

    package enum Answer: Sendable, Hashable {
        case records([TwinRecord])
        /// The name exists, with other records.
        case noData
        case noName
    }

    package private(set) var records: [DomainName: [TwinRecord]] = [:]
    private var count = 0

    package init() {}

    /// False where there is no room for it.
    package mutating func add(_ name: DomainName, _ record: TwinRecord) -> Bool {
        let known = records[name] ?? []
        if known.contains(record) { return true }
        let bytes = known.filter { $0.code == record.code }.reduce(record.data.count + 12) { $0 + $1.data.count + 12 }
        guard count < TwinZone.recordsMax, bytes <= TwinZone.setBytesMax else { return false }
        records[name] = known + [record]
        count += 1
        return true
    }

    /// Takes away the records of a type.
    package mutating func remove(_ name: DomainName, type: String) {
        let kept = (records[name] ?? []).filter { $0.type != type.uppercased() }
        count -= (records[name]?.count ?? 0) - kept.count
        records[name] = kept.isEmpty ? nil : kept
    }

    func answer(_ name: DomainName, _ code: UInt16) -> Answer {
        if let known = records[name] {
            let found = known.filter { $0.code == code }
            return found.isEmpty ? .noData : .records(found)
        }
        return records.keys.contains { $0.isWithin(name) } ? .noData : .noName
    }

    // MARK: - For those who evaluate; an alias is followed once

    private func find(_ name: DomainName) -> [TwinRecord] {
        let known = records[name] ?? []
        guard case .cname(let target)? = known.first(where: { $0.code == 5 }) else { return known }
        return records[target] ?? []
    }

    func texts(_ name: DomainName) -> [String] {
        find(name).compactMap { record in
            guard case .txt(let text) = record else { return nil }
            return text
        }
    }

    func addresses(_ name: DomainName) -> [IPAddress] {
        find(name).compactMap { record in
            guard case .address(let address) = record else { return nil }
            return address
        }
    }

    func mailHosts(_ name: DomainName) -> [DomainName] {
        find(name).compactMap { record in
            guard case .mx(_, let host) = record else { return nil }
            return host
        }
    }
}
