import Foundation
import Glibc
import MailModel
package import OutboundPolicy
import Storage

/// Writes a backup of the node into a new directory, while the gate runs or while none does: the store as one moment saw it, settings and
/// certificate, and on request the secrets. The directory is there whole or not at all.
package struct BackUp: AdministrativeOperation {
    package static let name = "backup"
    package static let scope = AccessScope.backupWrite

    /// Absolute; must not exist.
    package var path: String
    /// The master key, passwords of smarthosts and the certificate's key too.
    package var includesSecrets: Bool

    package init(path: String, includesSecrets: Bool) {
        self.path = path
        self.includesSecrets = includesSecrets
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> BackupManifest {
        guard path.hasPrefix("/") else { throw AdministrationError(.invalid, "the backup's path must be absolute: \(path)") }
        guard !AtomicFile.exists(path) else {
            throw AdministrationError(.conflict, "\(path) is there already", "Name a new directory.")
        }
        _ = try await administration.store.perform(.audit(act.entry("backup", target: path)))
        let directory = administration.dataDirectory
        let temporary = "\(path).\(getpid()).new"
        do {
            try AtomicFile.makeDirectory(temporary, mode: 0o700)
            try await administration.store.copy(to: "\(temporary)/\(BackupManifest.storeName)")
            let backUp = self
            return try await BlockingWork.runLong { try backUp.finish(temporary, directory, at: act.at) }
        } catch {
            // What it was to hold is still where it was.
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    /// What to run instead, for a store that is a database of its own. The URL has no password in it.
    static func commandsForDatabase(_ directory: DataDirectory, _ settings: Settings) -> String {
        let url = (try? StoreLocation(settings.storage, in: directory)).map { "\($0)" } ?? "URL"
        return """
            Run `pg_dump --format=custom --file=postern.dump '\(url)'` for a copy as of one moment (pg_basebackup and archived WAL for every \
            moment), and `tar -czf postern-node.tar.gz -C \(directory) \(SettingsFile.name) tls secrets` for what only this node has; keep the \
            two apart, since the second holds the key to the first. See docs/backup.md.
            """
    }

    private func finish(_ temporary: String, _ directory: DataDirectory, at now: Timestamp) throws -> BackupManifest {
        let settings = try directory.settings()
        var manifest = BackupManifest(
            format: BackupManifest.formatMax, version: PosternVersion.text, madeAt: now, hostName: settings.node.hostName.text,
            node: Int(settings.node.id ?? 0), hasSecrets: includesSecrets, files: [], missing: [])
        let store = "\(temporary)/\(BackupManifest.storeName)"
        try CopiedFile.sync(store)
        let digest = try CopiedFile.digest(store)
        manifest.files.append(BackupManifest.File(path: BackupManifest.storeName, bytes: digest.bytes, sha256: digest.sha256))
        try add(SettingsFile.name, to: &manifest, directory, temporary)
        try add(settings.tls.certificate, to: &manifest, directory, temporary)
        for secret in try [settings.tls.key] + BackUp.secrets(directory) {
            if includesSecrets { try add(secret, to: &manifest, directory, temporary) } else { manifest.missing.append(secret) }
        }
        let text = Array(try JSONText.data(manifest)) + [0x0A]
        try AtomicFile.write(text, to: "\(temporary)/\(BackupManifest.name)", mode: 0o600)
        guard rename(temporary, path) == 0 else { throw FileError(operation: "put in place", path: path, code: errno) }
        try CopiedFile.sync(AtomicFile.directory(of: path))
        return manifest
    }

    private static func secrets(_ directory: DataDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path(of: "secrets")).sorted().map { "secrets/\($0)" }
    }

    /// A file of the data directory, under the same name; one that lies elsewhere or is not there is noted.
    private func add(_ name: String, to manifest: inout BackupManifest, _ directory: DataDirectory, _ temporary: String) throws {
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), AtomicFile.exists(directory.path(of: name)) else {
            manifest.missing.append(name)
            return
        }
        let target = "\(temporary)/\(name)"
        try AtomicFile.makeDirectory(AtomicFile.directory(of: target), mode: 0o700)
        let copied = try CopiedFile.copy(directory.path(of: name), to: target, mode: 0o600)
        try CopiedFile.sync(AtomicFile.directory(of: target))
        manifest.files.append(BackupManifest.File(path: name, bytes: copied.bytes, sha256: copied.sha256))
    }
}
