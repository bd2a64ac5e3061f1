import Foundation

/// Messages in files as people keep them: one a file, folders of such files (a Maildir is one), and mbox files.
package enum MailFiles {
    /// Octets of one file; more is not read.
    package static let fileBytesMax = 1 << 30

    /// Calls `body` with each message below `path` in the order of names, and what to call it. Throws where something cannot be read.
    package static func forEach(_ path: String, _ body: (_ name: String, _ content: [UInt8]) throws -> Void) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FileError(operation: "find", path: path, code: ENOENT)
        }
        guard isFolder.boolValue else { return try messages(of: path, name: path, body) }
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter {
            !$0.split(separator: "/").contains { $0.hasPrefix(".") }
        }
        for name in names.sorted() {
            var isInner: ObjCBool = false
            let file = "\(path)/\(name)"
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isInner), !isInner.boolValue else { continue }
            try messages(of: file, name: file, body)
        }
    }

    /// The whole of one file.
    package static func octets(_ path: String) throws -> [UInt8] { try AtomicFile.read(path, bytesMax: fileBytesMax) }

    private static func messages(of path: String, name: String, _ body: (String, [UInt8]) throws -> Void) throws {
        let octets = try AtomicFile.read(path, bytesMax: fileBytesMax)
        let starts = mailboxStarts(octets)
        guard starts.count > 1 else { return try body(name, octets) }
        for (number, start) in starts.enumerated() {
            let end = number + 1 < starts.count ? starts[number + 1] : octets.count
            try body("\(name)#\(number + 1)", Array(octets[start..<end]))
        }
    }

    /// Where the messages of an mbox begin: lines `From ` at the start or after an empty line.
    static func mailboxStarts(_ octets: [UInt8]) -> [Int] {
        let mark = Array("From ".utf8)
        guard octets.starts(with: mark) else { return [0] }
        var starts = [0]
        for place in octets.indices.dropFirst(2) where octets[place] == 0x46 && octets[place - 1] == 0x0A {
            let isAfterEmpty = octets[place - 2] == 0x0A || octets[place - 2] == 0x0D && place > 2 && octets[place - 3] == 0x0A
            if isAfterEmpty, octets[place...].starts(with: mark) { starts.append(place) }
        }
        return starts
    }
}
