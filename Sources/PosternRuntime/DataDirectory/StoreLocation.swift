package import Storage

/// Where the store lies. Its text form holds no password, and neither does any error of it.
package enum StoreLocation: Hashable, Sendable, CustomStringConvertible {
    /// A file of this node, by its absolute path.
    case sqlite(path: String)
    /// A database that several nodes may share.
    case postgres(PostgresURL)

    /// Reads `storage.url`. Throws `SettingsError`.
    package init(_ settings: StorageSettings, in directory: DataDirectory) throws { try self.init(url: settings.url, in: directory) }

    /// A relative path is one in `directory`. Throws `SettingsError`, which speaks of `storage.url`.
    init(url: String, in directory: DataDirectory) throws {
        if PostgresURL.isMeant(by: url) {
            do {
                self = .postgres(try PostgresURL(url))
            } catch {
                throw SettingsError(problems: ["storage.url: \(error)"])
            }
        } else if url.hasPrefix("sqlite:"), url.utf8.count > 7 {
            self = .sqlite(path: directory.path(of: String(url.dropFirst(7))))
        } else {
            throw SettingsError(problems: ["storage.url: neither sqlite: and a path nor postgresql:// and a database"])
        }
    }

    package var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let url): "\(url)"
        }
    }

    /// True where other processes may use the store at the same time.
    package var isShared: Bool {
        if case .postgres = self { true } else { false }
    }

    /// Opens the store, or makes it. `lease`: of this node, where others share the store. Blocks.
    func open(
        _ choice: SchemaChoice, lease: Duration? = nil, options: SQLiteStore.Options = SQLiteStore.Options()
    ) throws -> any Store {
        switch self {
        case .sqlite(let path): return try SQLiteStore(path: path, options: options, migration: choice)
        case .postgres(let url):
            var options = PostgresStore.Options()
            if let lease { options.resolveTime = lease }
            return try PostgresStore(url, options: options, migration: choice)
        }
    }

    /// True where there is no store yet. Blocks.
    func isNew() throws -> Bool { try pendingMigrations().count == Migrations.count }

    /// Names of the nodes that live on a store that others share, whatever its schema. Blocks.
    func runningNodes() throws -> [String] {
        switch self {
        case .sqlite: []
        case .postgres(let url): try PostgresStore.runningNodes(url)
        }
    }

    /// The names of the migrations that the store lacks: all of them where there is no store. Blocks.
    func pendingMigrations() throws -> [String] {
        switch self {
        case .sqlite(let path): try SQLiteStore.pendingMigrations(path: path)
        case .postgres(let url): try PostgresStore.pendingMigrations(url)
        }
    }
}
