package import ContentScan
import Foundation
import Synchronization

/// What scans of this installation know: the words it was trained with, and the shorteners it was told of.
package enum ScanFiles {
    /// Below the data directory.
    static let wordsFile = "scan/words"
    static let shortenersFile = "scan/shorteners.txt"
    private static let wordsBytesMax = 64 << 20

    /// What was read last, and of which files.
    private static let last = Mutex<(stamp: String, knowledge: ScanKnowledge)?>(nil)

    /// Without a data directory, only the built-in rules know anything. Throws where a file is there and cannot be read. Files that have not
    /// changed are not read again.
    package static func knowledge(of directory: DataDirectory?) throws -> ScanKnowledge {
        guard let directory else { return ScanKnowledge() }
        let stamp = [wordsFile, shortenersFile].map { FileStamp.of(directory.path(of: $0)) }.joined(separator: "\n")
        if let known = last.withLock({ $0 }), known.stamp == stamp { return known.knowledge }
        let knowledge = ScanKnowledge(words: try words(of: directory), shorteners: try shorteners(of: directory))
        last.withLock { $0 = (stamp, knowledge) }
        return knowledge
    }

    /// Nil where nothing was trained.
    package static func words(of directory: DataDirectory) throws -> WordModel? {
        let path = directory.path(of: wordsFile)
        guard AtomicFile.exists(path) else { return nil }
        guard let model = WordModel(octets: try AtomicFile.read(path, bytesMax: wordsBytesMax)) else {
            throw FileError(operation: "make sense of", path: path, code: EINVAL)
        }
        return model
    }

    package static func write(_ model: WordModel, to directory: DataDirectory) throws {
        try AtomicFile.makeDirectory(directory.path(of: "scan"), mode: 0o700)
        try AtomicFile.write(model.octets, to: directory.path(of: wordsFile), mode: 0o600)
    }

    /// One host a line, with or without a dot before it; what follows `#` is a comment.
    private static func shorteners(of directory: DataDirectory) throws -> Set<String> {
        let path = directory.path(of: shortenersFile)
        guard AtomicFile.exists(path) else { return [] }
        let text = String(decoding: try AtomicFile.read(path, bytesMax: 1 << 20), as: UTF8.self)
        return Set(
            text.split(separator: "\n").map { line in
                line.prefix { $0 != "#" }.trimmingCharacters(in: CharacterSet(charactersIn: ". \t\r")).lowercased()
            }.filter { !$0.isEmpty })
    }
}
