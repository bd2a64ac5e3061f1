package import MailModel

/// What a backup holds: `manifest.json`, written last, so that a backup without it is none.
package struct BackupManifest: Codable, Hashable, Sendable {
    package struct File: Codable, Hashable, Sendable {
        /// Below the backup, and below the data directory.
        package var path: String
        package var bytes: Int
        /// Hexadecimal.
        package var sha256: String
    }

    /// Of this description; 1.
    package var format: Int
    /// Of the program that made it.
    package var version: String
    package var madeAt: Timestamp
    package var hostName: String
    package var node: Int
    package var hasSecrets: Bool
    package var files: [File]
    /// What belongs to the node and is not here: secrets, or files outside the data directory.
    package var missing: [String]

    static let name = "manifest.json"
    static let storeName = "store.sqlite"
    static let formatMax = 1
    /// Larger ones are not read.
    static let bytesMax = 1 << 20

    package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// Reads and checks the manifest of the backup at `path`, without its files.
    package static func read(_ path: String) throws -> BackupManifest {
        let file = "\(path)/\(name)"
        guard AtomicFile.exists(file) else {
            throw AdministrationError(
                .notFound, "\(path) is no backup: it has no \(name)", "Name the directory that `postern backup` made.")
        }
        let manifest: BackupManifest
        do {
            manifest = try JSONText.decode(BackupManifest.self, from: .init(AtomicFile.read(file, bytesMax: bytesMax)))
        } catch {
            throw AdministrationError(.invalid, "\(file) cannot be read: \(error)")
        }
        guard (1...formatMax).contains(manifest.format) else {
            throw AdministrationError(
                .invalid, "the backup has format \(manifest.format), of Postern \(manifest.version)", "Restore it with that version.")
        }
        for file in manifest.files where !isSafe(file.path) {
            throw AdministrationError(.invalid, "the backup names a file outside of itself: \(file.path)")
        }
        guard manifest.files.contains(where: { $0.path == storeName }), manifest.files.contains(where: { $0.path == SettingsFile.name })
        else {
            throw AdministrationError(.invalid, "the backup names no store or no settings")
        }
        return manifest
    }

    private static func isSafe(_ path: String) -> Bool {
        !path.isEmpty && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
