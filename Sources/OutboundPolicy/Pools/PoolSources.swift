package import MailModel

// Which sources mail of a pool may leave from.
extension Directory {
    /// Names of a route's sources for mail of a pool, the preferred first; empty for the default source. Nil: the route carries none of it.
    ///
    /// A route with a pool of its own is for that pool only, whatever its sources; that is how a smarthost's account belongs to one.
    package func sources(of route: Route, in pool: EgressPool) -> [String]? {
        if let only = route.pool { return only == pool ? route.sources : nil }
        guard !route.sources.isEmpty else { return pool == .normal ? [] : nil }
        let names = route.sources.filter { self.pool(ofSource: $0) == pool }
        return names.isEmpty ? nil : names
    }

    /// The default source, and one that is not there, are normal.
    private func pool(ofSource name: String) -> EgressPool { sources[name]?.pool ?? .normal }
}
