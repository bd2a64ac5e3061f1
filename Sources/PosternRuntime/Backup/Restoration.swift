import DeliveryPlanning
import Foundation
import Glibc
package import MailModel
import Storage

/// Makes a data directory from a backup.
///
/// The settings come last: a directory without them is no data directory, so that what stops half-way is not started by mistake.
package struct Restoration: Sendable {
    /// Of the backup.
    package var source: String
    /// Must not exist, or be empty.
    package var directory: DataDirectory
    /// Hold all that is queued, for a person to release: some of it may have been delivered since the backup was made.
    package var holdsQueue: Bool

    package init(source: String, directory: DataDirectory, holdsQueue: Bool) {
        self.source = source
        self.directory = directory
        self.holdsQueue = holdsQueue
    }

    package struct Report: Sendable {
        package var manifest: BackupManifest
        package var ledger: LedgerView
        /// Recipients that were being attempted when the backup was made.
        package var interrupted: Int
        /// Recipients that were put on hold.
        package var held: Int
    }

    package func perform(now: Timestamp) async throws -> Report {
        let manifest = try BackupManifest.read(source)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory.root)) ?? []
        guard entries.isEmpty else {
            throw AdministrationError(
                .conflict, "\(directory) is not empty", "Name a new directory; a backup never overwrites what is there.")
        }
        for file in manifest.files { try check(file, try CopiedFile.digest("\(source)/\(file.path)")) }
        try AtomicFile.makeDirectory(directory.root, mode: 0o700)
        try AtomicFile.makeDirectory(directory.path(of: "secrets"), mode: 0o700)
        let settings = try settings()
        guard case .sqlite(let storePath) = try StoreLocation(settings.storage, in: directory) else {
            throw AdministrationError(
                .invalid, "the settings in the backup name a PostgreSQL database", "A backup of this kind holds an SQLite store.")
        }
        for file in manifest.files where file.path != SettingsFile.name {
            try copy(file, to: file.path == BackupManifest.storeName ? storePath : directory.path(of: file.path))
        }
        for file in manifest.files where file.path == SettingsFile.name { try copy(file, to: directory.settingsFile) }
        return try await open(manifest, settings, now: now)
    }

    /// As they will be read from the data directory.
    private func settings() throws -> Settings {
        let file = "\(source)/\(SettingsFile.name)"
        return try SettingsLoader().load(file: AtomicFile.read(file, bytesMax: SettingsFile.bytesMax), fileName: file)
    }

    private func copy(_ file: BackupManifest.File, to target: String) throws {
        let parent = AtomicFile.directory(of: target)
        try AtomicFile.makeDirectory(parent, mode: 0o700)
        try check(file, try CopiedFile.copy("\(source)/\(file.path)", to: target, mode: 0o600))
        try CopiedFile.sync(parent)
    }

    private func check(_ file: BackupManifest.File, _ found: (bytes: Int, sha256: String)) throws {
        guard found.bytes == file.bytes, found.sha256 == file.sha256 else {
            throw AdministrationError(.invalid, "\(source)/\(file.path) is not what was backed up: its checksum differs")
        }
    }

    /// Gives back what the backed-up run had leased, and counts.
    private func open(_ manifest: BackupManifest, _ settings: Settings, now: Timestamp) async throws -> Report {
        guard let lock = try DirectoryLock.acquire(directory) else {
            throw AdministrationError(.conflict, "another process holds \(directory)")
        }
        let store = try OpenStore(directory, settings: settings, lock: lock)
        do {
            let report = try await recover(store, manifest, settings, now: now)
            await store.close()
            return report
        } catch {
            await store.close()
            throw error
        }
    }

    private func recover(_ store: OpenStore, _ manifest: BackupManifest, _ settings: Settings, now: Timestamp) async throws -> Report {
        let run = NodeRun(
            owner: Int64.random(in: 1...Int64.max), node: settings.node.id, name: settings.node.hostName.text, version: PosternVersion.text,
            at: now)
        guard case .registered(let found) = try await store.perform(.register(run, previous: nil)) else {
            throw AdministrationError(.failed, "the store did not recover")
        }
        _ = try await store.perform(.leave(owner: found.owner, at: now))
        let act = Act(actor: LocalUser.actor, reason: "restored from \(source)", at: now)
        _ = try await store.perform(.audit(act.entry("restore", target: manifest.madeAt.rfc3339)))
        var held = 0
        if holdsQueue { held = try await store.administration.perform(ActOnQueue(verb: .hold, filter: QueueFilter()), act).count }
        let ledger = try await store.administration.perform(ShowLedger(verifies: true), act)
        return Report(manifest: manifest, ledger: ledger, interrupted: found.released, held: held)
    }
}
