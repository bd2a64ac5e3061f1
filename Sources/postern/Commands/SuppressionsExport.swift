import ArgumentParser
import PosternRuntime

struct SuppressionsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "The whole list as CSV, which `postern suppressions import` reads.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let access = try await AdministrationAccess.open(data.directory)
        do {
            try await write(access)
            await access.close()
        } catch {
            await access.close()
            throw error
        }
    }

    private func write(_ access: AdministrationAccess) async throws {
        if !format.json { Output.part(SuppressionFile.heading) }
        var after: String?
        repeat {
            let part = try await access.perform(ExportSuppressions(after: after), reason: "")
            if format.json {
                try Output.json(part.rows)
            } else {
                Output.part(part.rows.map(SuppressionFile.line).joined())
            }
            after = part.next
        } while after != nil
    }
}
