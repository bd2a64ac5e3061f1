import Foundation

/// Real mail beside the package, where it is there; and the few messages that come with these tests.
enum Corpus {
    struct Message: Sendable {
        /// `easy-ham-1/00003…`, as a failure names it.
        var name: String
        /// Line ends are CRLF, an mbox line is dropped.
        var content: [UInt8]
    }

    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let directory = tests.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/data")
    static let fixtures = tests.appendingPathComponent("Fixtures")
    static var isThere: Bool { FileManager.default.fileExists(atPath: directory.appendingPathComponent("messages").path) }

    /// The messages of a folder in order of their names; so many of them, spread evenly, where a number is given.
    static func messages(in root: URL, count: Int? = nil) throws -> [Message] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".eml") }.sorted()
        let wanted = count ?? names.count
        let chosen = names.indices.filter { $0 * wanted / names.count != ($0 + 1) * wanted / names.count }
        return try chosen.map { names[$0] }.map { name in
            Message(name: name, content: wire([UInt8](try Data(contentsOf: root.appendingPathComponent(name)))))
        }
    }

    /// As a mail program hands it over.
    static func wire(_ file: [UInt8]) -> [UInt8] {
        var start = 0
        if file.starts(with: Array("From ".utf8)), let lineEnd = file.firstIndex(of: 0x0A) { start = lineEnd + 1 }
        var content: [UInt8] = []
        content.reserveCapacity(file.count + file.count / 20)
        for byte in file[start...] where byte != 0x0D {
            if byte == 0x0A { content.append(0x0D) }
            content.append(byte)
        }
        if content.last != 0x0A { content += [0x0D, 0x0A] }
        return content
    }
}
