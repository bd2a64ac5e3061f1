import ArgumentParser
import PosternRuntime

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a backup into a new directory, while the gate runs or while it is stopped.",
        discussion: """
            It holds the store as one moment saw it, the settings and the certificate, with checksums. Without --with-secrets the master key, \
            the certificate's key and the passwords of smarthosts are left out: keep them elsewhere, DKIM keys cannot be used without them.
            """)

    @Argument(help: "The directory to make.")
    var path: String
    @Flag(help: "Include the secrets; guard such a backup as you guard the gate.")
    var withSecrets = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        // The gate's working directory may be another.
        let path = DataDirectory(path).root
        let manifest = try await data.perform(BackUp(path: path, includesSecrets: withSecrets), reason: reason.reason)
        Output.line("\(path): \(manifest.files.count) files, \(manifest.bytes) octets")
        for name in manifest.missing { Output.line("not in it: \(name)") }
    }
}
