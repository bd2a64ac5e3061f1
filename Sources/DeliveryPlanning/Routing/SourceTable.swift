package import MailModel
package import OutboundPolicy

/// Which sources are to be had, and where: what a node knows of itself and of the others.
package struct SourceReach: Hashable, Sendable {
    /// Of this node.
    package var local = LocalAddresses()
    /// The only sources that this node uses, by name; empty for all whose addresses it has.
    package var only: Set<String> = []
    /// Names of sources that other living nodes use.
    package var elsewhere: Set<String> = []

    package init() {}
}

/// From where mail may leave by each route: the sources of one directory version, and which of them are to be had where.
///
/// Of those that a route names for a message's pool, the first that any living node has is the one that is used; or one of all that have a
/// weight, where that one has. Where another node has it, the mail is left for that node. What cannot leave here carries the number of the
/// list that it waits for in the store, so that claims can ask for it.
package struct SourceTable: Sendable {
    package enum Choice: Hashable, Sendable {
        /// This node sends it, from that source.
        case here(EgressSource)
        /// Another node has the source.
        case elsewhere(list: Int32)
        /// No living node has any of them.
        case nowhere(list: Int32, names: [String])
    }

    /// Names of the sources that this node uses, sorted; without the default.
    package var here: [String] { hereByName.keys.sorted() }
    private let hereByName: [String: EgressSource]
    /// Enabled sources that an enabled route names and no living node has, sorted, with the numbers of the lists that wait for them.
    package let missing: [(source: String, lists: [Int32])]
    /// Numbers of the lists that this node cannot send for. It takes what waits for them only to look at it again.
    package let lateLists: [Int32]
    private let choices: [Way: Choices]

    /// Mail of a pool by a route.
    private struct Way: Hashable {
        var route: String
        var pool: EgressPool
    }

    /// At least one; several where they share by weight.
    private struct Choices {
        var all: [(choice: Choice, weight: Int)]

        /// `key`: the same for all attempts of a message, so that it stays with its source.
        func pick(_ key: Int64) -> Choice {
            guard all.count > 1 else { return all[0].choice }
            var hash = StableHash()
            hash.add("\(key)")
            var place = Int(hash.value % UInt64(all.reduce(0) { $0 + $1.weight }))
            for (choice, weight) in all {
                if place < weight { return choice }
                place -= weight
            }
            return all[0].choice
        }
    }

    package init(_ directory: Directory, _ reach: SourceReach) {
        let enabled = directory.sources.filter { !$0.value.isDisabled }
        let here = enabled.filter { (reach.only.isEmpty || reach.only.contains($0.key)) && $0.value.isOn(reach.local) }
        let routes = directory.routes.values.filter { !$0.isDisabled && !$0.sources.isEmpty }.sorted { $0.name < $1.name }
        var choices: [Way: Choices] = [:]
        var missing: [String: [Int32]] = [:]
        for route in routes {
            for pool in EgressPool.allCases {
                guard let names = directory.sources(of: route, in: pool), !names.isEmpty else { continue }
                let found = SourceTable.choices(route, names, here, enabled, reach)
                choices[Way(route: route.name, pool: pool)] = found
                for name in names where enabled[name] != nil && here[name] == nil && !reach.elsewhere.contains(name) {
                    missing[name, default: []] += found.all.compactMap { $0.choice.isNowhere ? $0.choice.list : nil }
                }
            }
        }
        self.choices = choices
        hereByName = here
        self.missing = missing.sorted { $0.key < $1.key }.map { (source: $0.key, lists: Array(Set($0.value)).sorted()) }
        lateLists = Set(choices.values.flatMap { $0.all.compactMap(\.choice.list) }).sorted()
    }

    private static func choices(
        _ route: Route, _ names: [String], _ here: [String: EgressSource], _ enabled: [String: EgressSource], _ reach: SourceReach
    ) -> Choices {
        let living = names.filter {
            $0 == EgressSource.standardName || here[$0] != nil || (enabled[$0] != nil && reach.elsewhere.contains($0))
        }
        guard let first = living.first else { return Choices(all: [(.nowhere(list: list(route, names), names: names), 1)]) }
        let weighted = enabled[first]?.weight == nil ? [] : living.filter { enabled[$0]?.weight != nil }
        if weighted.count > 1 {
            return Choices(
                all: weighted.map { name in
                    (here[name].map(Choice.here) ?? .elsewhere(list: list(route, [name])), enabled[name]?.weight ?? 1)
                })
        }
        if first == EgressSource.standardName { return Choices(all: [(.here(.standard), 1)]) }
        return Choices(all: [(here[first].map(Choice.here) ?? .elsewhere(list: list(route, names)), 1)])
    }

    /// A route that names no source leaves from the default one, which every node has.
    package func choose(for route: Route, in pool: EgressPool = .normal, key: Int64 = 0) -> Choice {
        guard !route.sources.isEmpty else { return .here(.standard) }
        return choices[Way(route: route.baseName, pool: pool)]?.pick(key)
            ?? .nowhere(list: SourceTable.list(of: route), names: route.sources)
    }

    /// The other sources of a route that this node has for mail of the same pool, in order.
    func others(of route: Route, than source: EgressSource) -> [EgressSource] {
        route.sources.compactMap { name in
            guard name != source.name, let other = name == EgressSource.standardName ? .standard : hereByName[name],
                route.pool != nil || (other.pool ?? .normal) == (source.pool ?? .normal)
            else { return nil }
            return other
        }
    }

    /// Whether this node has the source now, as it is described there.
    func has(_ source: EgressSource) -> Bool { source.isStandard || hereByName[source.name] == source }

    /// The number of a list of sources, 1…Int32.max: the same on every node, and another where the list or its order changes.
    package static func list(of route: Route) -> Int32 { list(route, route.sources) }

    private static func list(_ route: Route, _ names: [String]) -> Int32 {
        var hash = StableHash()
        hash.add(route.baseName)
        for name in names { hash.add(name) }
        return Int32(hash.value % UInt64(Int32.max)) + 1
    }

    /// Numbers of all lists that mail which may leave from a source may wait for.
    package static func lists(of route: Route, naming source: EgressSource, _ directory: Directory) -> Set<Int32> {
        let pools = EgressPool.allCases.compactMap { directory.sources(of: route, in: $0) }.filter { $0.contains(source.name) }
        guard !pools.isEmpty else { return [] }
        return Set(pools.map { list(route, $0) } + [list(route, [source.name])])
    }
}

extension SourceTable.Choice {
    package var isHere: Bool { if case .here = self { true } else { false } }
    package var isNowhere: Bool { if case .nowhere = self { true } else { false } }

    /// What waits for it in the store; nil where it is here.
    fileprivate var list: Int32? {
        switch self {
        case .here: nil
        case .elsewhere(let list), .nowhere(let list, _): list
        }
    }
}

extension EgressSource {
    /// What keeps connections of one source apart from those of another, also where a source of the same name is another by now. 0 for the
    /// default.
    var siteNumber: UInt64 {
        guard !isStandard else { return 0 }
        var hash = StableHash()
        for part in [name, ipv4?.description ?? "", ipv6?.description ?? "", helloName?.text ?? "", proxy?.description ?? ""] {
            hash.add(part)
        }
        return hash.value | 1
    }
}
