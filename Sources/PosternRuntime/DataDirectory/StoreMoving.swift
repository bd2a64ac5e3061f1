package import Storage

/// Moves an installation from one store to another: from a file to a database, or back.
package struct StoreMoving: Sendable {
    private let source: StoreLocation
    private let target: StoreLocation

    /// What each table came to.
    package struct Outcome: Hashable, Sendable, Codable {
        package struct Table: Hashable, Sendable, Codable {
            package var table: String
            package var sourceRows: Int
            package var targetRows: Int
            package var same: Bool
        }

        package var tables: [Table]
        package var same: Bool
    }

    /// - Parameters:
    ///   - source: `sqlite:` and a path, from the directory `folder` where it is relative, or `postgresql://…`.
    ///   - target: Likewise. It is made where it is not there.
    package init(from source: String, to target: String, folder: String) throws {
        let folder = DataDirectory(folder)
        self.source = try StoreMoving.location(source, "--from", folder)
        self.target = try StoreMoving.location(target, "--to", folder)
        guard self.source != self.target else {
            throw AdministrationError(.invalid, "--from and --to are the same store", "Name two.")
        }
    }

    private static func location(_ url: String, _ option: String, _ folder: DataDirectory) throws -> StoreLocation {
        do {
            return try StoreLocation(url: url, in: folder)
        } catch let error as SettingsError {
            throw AdministrationError(
                .invalid, error.problems.joined(separator: "; ").replacing("storage.url", with: option),
                "Write sqlite:FILE or postgresql://USER@HOST/DATABASE.")
        }
    }

    /// Copies and checks. `progress` is called from the thread that does so.
    package func perform(progress: @escaping @Sendable (StoreMove.Progress) -> Void) async throws -> Outcome {
        let locks = try [source, target].compactMap { try $0.lockedFolder() }
        return try await BlockingWork.runLong {
            try withExtendedLifetime(locks) { try move(progress) }
        }
    }

    private func move(_ progress: (StoreMove.Progress) -> Void) throws -> Outcome {
        guard try !source.isNew() else {
            throw AdministrationError(.notFound, "there is no store at \(source)", "Name the store that the nodes ran on.")
        }
        let from = try opened(source, .refuse)
        defer { try? from.close() }
        let to = try opened(target, .apply)
        defer { try? to.close() }
        for (store, location) in [(from, source), (to, target)] { try requireIdle(store, location) }
        let report = try StoreMove.run(from: from, to: to, progress: progress)
        return Outcome(
            tables: report.tables.map {
                Outcome.Table(table: $0.table, sourceRows: $0.sourceRows, targetRows: $0.targetRows, same: $0.isSame)
            }, same: report.isSame)
    }

    private func opened(_ location: StoreLocation, _ choice: SchemaChoice) throws -> any MovableStore {
        do {
            return try location.openToMove(choice)
        } catch StoreError.pendingMigrations(let names) {
            throw AdministrationError(
                .conflict, "the store at \(location) wants migrations first: \(names.joined(separator: ", "))",
                "Run `postern migrate` on a data directory of it.")
        }
    }

    private func requireIdle(_ store: any MovableStore, _ location: StoreLocation) throws {
        let running = try store.nodes(at: .now).filter { $0.state == .running }.map(\.name)
        guard running.isEmpty else {
            throw AdministrationError(
                .conflict, "nodes run on \(location): \(running.joined(separator: ", "))",
                "Stop them all; what they accept meanwhile would be lost.")
        }
    }
}

extension StoreLocation {
    /// What keeps a gate from starting on it meanwhile; nil where the store is not in a data directory.
    fileprivate func lockedFolder() throws -> DirectoryLock? {
        guard case .sqlite(let path) = self else { return nil }
        let folder = DataDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
        guard folder.isInitialized else { return nil }
        guard let lock = try DirectoryLock.acquire(folder) else {
            throw AdministrationError(
                .conflict, "a gate or another command holds \(folder)", "Stop it; what it accepts meanwhile would be lost.")
        }
        return lock
    }

    fileprivate func openToMove(_ choice: SchemaChoice) throws -> any MovableStore {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path, migration: choice)
        case .postgres(let url): try PostgresStore(url, migration: choice)
        }
    }
}
