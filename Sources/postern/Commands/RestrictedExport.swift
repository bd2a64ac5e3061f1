import ArgumentParser
import Foundation
import OutboundPolicy
import PosternRuntime

struct RestrictedExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Evidence, trace and audit in one file, for those who look into it.")

    @Argument(help: "An address, connector:NAME or organisation.", transform: Arguments.entity)
    var entity: RestrictedEntity
    @Option(help: "The file to write; it must not exist.")
    var out: String
    @Flag(help: "Leave out subjects, local parts of recipients and client addresses.")
    var redact = false
    @OptionGroup var data: DataOptions

    func run() async throws {
        let export = try await data.perform(ExportRestriction(entity: entity, redacts: redact))
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard !FileManager.default.fileExists(atPath: out),
            FileManager.default.createFile(atPath: out, contents: try JSONText.data(export), attributes: attributes)
        else { throw ValidationError("--out \(out): the file exists or cannot be written") }
        Output.line(
            "\(out): the restriction of \(export.restriction.entity), \(export.trace.count) lines of trace, \(export.audit.count) acts")
    }
}
