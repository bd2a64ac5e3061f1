package import Storage

/// The store of a data directory, opened by this process.
package final class OpenStore: StoreAccess {
    package let directory: DataDirectory
    package let settings: Settings
    package let store: any Store
    package let committer: Committer
    package let reader: StoreReader
    /// Nil before `postern init` made a master key.
    package let vault: KeyVault?
    /// What entitles to a store that one process has for itself; nil where others share it.
    private let lock: DirectoryLock?

    /// Opens the store, or makes it. A store that this process has for itself is brought to this program's schema; one that other nodes
    /// share only where `choice` says so. Blocks, also for a database on another machine.
    package init(
        _ directory: DataDirectory, settings: Settings, lock: DirectoryLock?, choice: SchemaChoice? = nil,
        options: SQLiteStore.Options = SQLiteStore.Options()
    ) throws {
        let location = try StoreLocation(settings.storage, in: directory)
        precondition(lock != nil || location.isShared, "a store of its own wants the directory's lock")
        self.directory = directory
        self.settings = settings
        self.lock = lock
        vault = AtomicFile.exists(directory.masterKey) ? try KeyVault(directory) : nil
        do {
            store = try location.open(choice ?? (location.isShared ? .refuse : .apply), lease: settings.node.lease, options: options)
        } catch StoreError.pendingMigrations(let names) {
            throw AdministrationError(
                .conflict, "the store at \(location) wants migrations first: \(names.joined(separator: ", "))",
                "Stop all nodes of an older version, then `postern migrate --data \(directory)` on one of them.")
        }
        committer = Committer(store: store)
        reader = StoreReader(store: store)
    }

    /// Administration of the store while no gate runs here.
    package var administration: Administration {
        Administration(store: self, dataDirectory: directory, vault: vault, live: nil)
    }

    package func perform(_ work: StoreWork) async throws -> StoreWorkResult { try await committer.perform(work) }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Store) throws -> Value) async throws -> Value {
        try await reader.read(body)
    }

    package func copy(to path: String) async throws {
        guard let store = store as? SQLiteStore else {
            throw AdministrationError(
                .invalid, "the store is a PostgreSQL database, which this command does not copy",
                BackUp.commandsForDatabase(directory, settings))
        }
        try await BlockingWork.runLong { try store.copy(to: path) }
    }

    /// Finishes what is under way, and closes the files.
    package func close() async {
        let (committer, reader, store) = (committer, reader, store)
        // A file that does not close tells nothing new: what was committed is on disk.
        try? await BlockingWork.run {
            reader.stop()
            committer.stop()
            try store.close()
        }
    }
}
