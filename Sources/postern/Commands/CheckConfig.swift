import ArgumentParser
import PosternRuntime

struct CheckConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Check the settings with the code that runs them.")

    @OptionGroup var data: DataOptions
    @Option(name: .customLong("set"), help: ArgumentHelp("As for serve.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Print docs/settings.md instead.")
    var document = false

    func run() async throws {
        if document { return Output.line(SettingsFile.documentation().dropLastNewline) }
        let directory = data.directory
        guard directory.isInitialized else {
            throw AdministrationError(
                .notFound, "there is no \(directory.settingsFile)", "Make one with `postern init --data \(directory)`.")
        }
        let settings = try directory.settings(overrides: overrides)
        var problems: [String] = []
        for (key, path) in [("tls.certificate", settings.tls.certificate), ("tls.key", settings.tls.key)]
        where !AtomicFile.exists(directory.path(of: path)) {
            problems.append("\(key): there is no \(directory.path(of: path))")
        }
        do {
            _ = try StoreLocation(settings.storage, in: directory)
            _ = try KeyVault(directory)
        } catch {
            problems.append("\(error)")
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        Output.line("\(directory.settingsFile): fine")
    }
}

extension String {
    /// Without the newline at its end, which `Output.line` adds.
    fileprivate var dropLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
