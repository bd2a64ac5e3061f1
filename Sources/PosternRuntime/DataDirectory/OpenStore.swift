package import Storage

/// The store of a data directory, opened by this process, with the lock that entitles to it.
package final class OpenStore: StoreAccess {
    package let directory: DataDirectory
    package let settings: Settings
    package let store: SQLiteStore
    package let committer: Committer
    package let reader: StoreReader
    /// Nil before `postern init` made a master key.
    package let vault: KeyVault?
    private let lock: DirectoryLock

    /// Opens the store, or makes it, and brings it to this program's schema.
    package init(
        _ directory: DataDirectory, settings: Settings, lock: DirectoryLock, options: SQLiteStore.Options = SQLiteStore.Options()
    ) throws {
        self.directory = directory
        self.settings = settings
        self.lock = lock
        vault = AtomicFile.exists(directory.masterKey) ? try KeyVault(directory) : nil
        store = try SQLiteStore(path: directory.storePath(settings.storage), options: options, migration: .apply)
        committer = Committer(store: store)
        reader = StoreReader(store: store)
    }

    /// Administration of the store while no gate runs.
    package var administration: Administration {
        Administration(store: self, dataDirectory: directory, vault: vault, live: nil)
    }

    package func perform(_ work: StoreWork) async throws -> StoreWorkResult { try await committer.perform(work) }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Store) throws -> Value) async throws -> Value {
        try await reader.read(body)
    }

    package func copy(to path: String) async throws {
        let store = store
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
