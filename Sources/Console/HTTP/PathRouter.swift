/// Finds the route of a path, by whole segments.
struct PathRouter<Route: Sendable>: Sendable {
    private struct Entry {
        var segments: [Substring]
        var route: Route
    }

    private let entries: [Entry]

    /// `path`: `/v1/things/{name}`.
    init(_ routes: [(path: String, route: Route)]) {
        entries = routes.map { Entry(segments: $0.path.split(separator: "/"), route: $0.route) }
    }

    /// Those whose path it is, with the path's fields, decoded. `path`: as it came, with its percent signs.
    func all(_ path: String) -> [(route: Route, fields: [String: String])] {
        let segments = path == "/" ? [] : path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return entries.compactMap { entry in PathRouter.fields(entry.segments, segments).map { (entry.route, $0) } }
    }

    /// The first of them; one without fields in its path goes first.
    func find(_ path: String) -> (route: Route, fields: [String: String])? {
        let found = all(path)
        return found.first { $0.fields.isEmpty } ?? found.first
    }

    private static func fields(_ wanted: [Substring], _ segments: ArraySlice<Substring>) -> [String: String]? {
        guard wanted.count == segments.count else { return nil }
        var fields: [String: String] = [:]
        for (name, segment) in zip(wanted, segments) {
            if name.hasPrefix("{") {
                guard let value = PercentText.decode(segment, plusIsSpace: false), !value.isEmpty else { return nil }
                fields[String(name.dropFirst().dropLast())] = value
            } else if name != segment {
                return nil
            }
        }
        return fields
    }
}
