import ArgumentParser
import Foundation
import PosternRuntime
import ReportReading

struct ReportsRead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Read DMARC aggregate and failure reports and TLS reports: XML, JSON, gzip, zip or a message.",
        discussion: "Needs no data directory, and keeps nothing. Exits with 1 where a file is refused.")

    @Argument(help: ArgumentHelp("Files and folders; - for standard input.", valueName: "file"))
    var files: [String]
    @OptionGroup var format: FormatOptions

    func run() async throws {
        var views: [ReportView] = []
        for file in files {
            try ReportFiles.forEach(file) { name, octets in
                let view = ReportView(file: name, ReportReader.read(octets))
                if format.json { try Output.json([view]) }
                views.append(view)
            }
        }
        if !format.json {
            Output.table(
                ["FILE", "KIND", "FROM", "DOMAIN", "BEGIN", "COUNT", "PASSING", "WHAT"],
                views.map {
                    [
                        String($0.file.split(separator: "/").last ?? ""), $0.kind, $0.organization, $0.domain, String($0.begin.prefix(10)),
                        "\($0.count)", "\($0.passing)", $0.reason,
                    ]
                }, empty: "No files.")
        }
        if views.contains(where: { $0.kind == "refused" }) { throw ExitCode(CommandExit.failed.rawValue) }
    }
}

/// Files that a command names; of folders all that are in them.
enum ReportFiles {
    /// More is not read: the reader refuses it.
    private static let bytesMax = 32 << 20

    static func forEach(_ path: String, _ body: (_ name: String, _ octets: [UInt8]) throws -> Void) throws {
        if path == "-" { return try body("-", [UInt8](FileHandle.standardInput.readDataToEndOfFile())) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return try body(path, try AtomicFile.read(path, bytesMax: bytesMax))
        }
        for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
            var isInner: ObjCBool = false
            let file = "\(path)/\(name)"
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isInner), !isInner.boolValue else { continue }
            try body(file, try AtomicFile.read(file, bytesMax: bytesMax))
        }
    }
}
