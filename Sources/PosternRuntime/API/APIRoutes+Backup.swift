import Console
import MailModel

struct BackupInput: Decodable, Sendable {
    /// Of the directory to make below `backups/` of the data directory: a caller from afar names no path of this machine.
    var name: String
    var withSecrets: Bool?
}

/// A backup that was made.
struct BackupView: Codable, Sendable {
    var path: String
    var made: String
    var files: Int
    var bytes: Int
    /// What belongs to the node and is not in it.
    var missing: [String]

    init(_ manifest: BackupManifest, path: String) {
        self.path = path
        made = manifest.madeAt.rfc3339
        files = manifest.files.count
        bytes = manifest.bytes
        missing = manifest.missing
    }
}

extension APIRoutes {
    /// A large store takes a while to copy.
    private static let backupTimeout = Duration.seconds(3600)

    var backupRoute: APIRoute {
        let administration = administration
        let way = Way(.post, "/v1/backups", "Write a backup on the gate's machine, below backups/ of its data directory", status: 201)
        var route = make(way, BackUp.self, input: BackupInput.self, output: .of(BackupView.self, isOpen: true)) { request, act in
            let input = try request.fields(BackupInput.self)
            try ObjectName.check(input.name, of: "backup")
            let path = administration.dataDirectory.path(of: "backups/\(input.name)")
            let manifest = try await administration.perform(BackUp(path: path, includesSecrets: input.withSecrets ?? false), act)
            return APIResponse(body: try JSONText.data(BackupView(manifest, path: path)))
        }
        route.timeout = APIRoutes.backupTimeout
        return route
    }
}
