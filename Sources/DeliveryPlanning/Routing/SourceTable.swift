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
/// The first source of a route's list that any living node has is the one that is used; where another node has it, the mail is left for that
/// node. What cannot leave here carries the number of its route's list in the store, so that claims can ask for it.
package struct SourceTable: Sendable {
    package enum Choice: Hashable, Sendable {
        /// This node sends it, from that source.
        case here(EgressSource)
        /// Another node has the first living source of the list.
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
    private let choices: [String: Choice]

    package init(_ directory: Directory, _ reach: SourceReach) {
        let enabled = directory.sources.filter { !$0.value.isDisabled }
        let here = enabled.filter { (reach.only.isEmpty || reach.only.contains($0.key)) && $0.value.isOn(reach.local) }
        let routes = directory.routes.values.filter { !$0.isDisabled && !$0.sources.isEmpty }.sorted { $0.name < $1.name }
        var choices: [String: Choice] = [:]
        var missing: [String: [Int32]] = [:]
        for route in routes {
            let list = SourceTable.list(of: route)
            let choice = SourceTable.choice(route, list, here, enabled, reach)
            choices[route.name] = choice
            for name in route.sources where enabled[name] != nil && here[name] == nil && !reach.elsewhere.contains(name) {
                missing[name, default: []] += choice.isNowhere ? [list] : []
            }
        }
        self.choices = choices
        hereByName = here
        self.missing = missing.sorted { $0.key < $1.key }.map { (source: $0.key, lists: $0.value) }
        lateLists = routes.filter { choices[$0.name]?.isHere == false }.map(SourceTable.list).sorted()
    }

    private static func choice(
        _ route: Route, _ list: Int32, _ here: [String: EgressSource], _ enabled: [String: EgressSource], _ reach: SourceReach
    ) -> Choice {
        for name in route.sources {
            if name == EgressSource.standardName { return .here(.standard) }
            if let source = here[name] { return .here(source) }
            if enabled[name] != nil, reach.elsewhere.contains(name) { return .elsewhere(list: list) }
        }
        return .nowhere(list: list, names: route.sources)
    }

    /// A route that names no source leaves from the default one, which every node has.
    package func choose(for route: Route) -> Choice {
        guard !route.sources.isEmpty else { return .here(.standard) }
        return choices[route.baseName] ?? .nowhere(list: SourceTable.list(of: route), names: route.sources)
    }

    /// The other sources of a route that this node has, in order.
    func others(of route: Route, than source: EgressSource) -> [EgressSource] {
        route.sources.compactMap { name in
            guard name != source.name else { return nil }
            return name == EgressSource.standardName ? .standard : hereByName[name]
        }
    }

    /// Whether this node has the source now, as it is described there.
    func has(_ source: EgressSource) -> Bool { source.isStandard || hereByName[source.name] == source }

    /// The number of a route's list of sources, 1…Int32.max: the same on every node, and another where the list or its order changes.
    package static func list(of route: Route) -> Int32 {
        var hash = StableHash()
        hash.add(route.baseName)
        for name in route.sources { hash.add(name) }
        return Int32(hash.value % UInt64(Int32.max)) + 1
    }
}

extension SourceTable.Choice {
    package var isHere: Bool { if case .here = self { true } else { false } }
    package var isNowhere: Bool { if case .nowhere = self { true } else { false } }
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
