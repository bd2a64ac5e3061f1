import Foundation

/// Real mail beside the package, where it is there.
enum Corpus {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data")
    static var isThere: Bool { FileManager.default.fileExists(atPath: directory.appendingPathComponent("mime").path) }

    struct Message {
        /// `easy-ham-1/00003…`, as a failure names it.
        var name: String
        /// Line ends are CRLF, an mbox line is dropped.
        var content: [UInt8]
    }

    static func messages(in folder: String) throws -> [Message] {
        let root = directory.appendingPathComponent(folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".eml") }.sorted()
        return try names.map { name in
            Message(name: name, content: wire([UInt8](try Data(contentsOf: root.appendingPathComponent(name)))))
        }
    }

    /// As SMTP carries it.
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

/// A message from text whose lines end in LF.
func wire(_ text: String) -> [UInt8] { Corpus.wire(Array(text.utf8)) }
