package import Foundation

/// Real mail beside the package, where it is there.
package enum Corpus {
    package static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data")
    package static var isThere: Bool { FileManager.default.fileExists(atPath: directory.appendingPathComponent("messages").path) }

    package struct Message: Sendable {
        /// `easy-ham-1/00003…`, as a failure names it.
        package var name: String
        /// Line ends are CRLF, an mbox line is dropped.
        package var content: [UInt8]
    }

    /// The messages of a folder beside the package.
    package static func messages(in folder: String, count: Int? = nil) throws -> [Message] {
        try messages(in: directory.appendingPathComponent(folder), count: count)
    }

    /// The messages of a folder in order of their names; so many of them, spread evenly, where a number is given.
    package static func messages(in root: URL, count: Int? = nil) throws -> [Message] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".eml") }.sorted()
        let wanted = count ?? names.count
        let chosen = names.indices.filter { $0 * wanted / names.count != ($0 + 1) * wanted / names.count }
        return try chosen.map { names[$0] }.map { name in
            Message(name: name, content: wire([UInt8](try Data(contentsOf: root.appendingPathComponent(name)))))
        }
    }

    /// As a mail program hands it over.
    package static func wire(_ file: [UInt8]) -> [UInt8] {
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

/// A message from text whose lines end in LF.
package func wire(_ text: String) -> [UInt8] { Corpus.wire(Array(text.utf8)) }
