import Foundation

/// The source tree that the tests were built from.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Paths below the root of all files in `folder`, without what is built, kept or not ours.
    static func files(in folder: String = "") -> [String] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let found = FileManager.default.enumerator(atPath: start.path(percentEncoded: false))
        var paths: [String] = []
        while let path = found?.nextObject() as? String {
            let name = path.split(separator: "/").last ?? ""
            if name.hasPrefix(".build") || name == ".git" || path == "data" {
                found?.skipDescendants()
            } else if found?.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                paths.append(folder.isEmpty ? path : "\(folder)/\(path)")
            }
        }
        return paths.sorted()
    }

    /// Nil where the file is missing or no UTF-8 text.
    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static let sources: [SwiftSource] = files(in: "Sources").filter { $0.hasSuffix(".swift") }
        .compactMap { path in text(path).map { SwiftSource(path: path, text: $0) } }

    static func sources(of target: String) -> [SwiftSource] { sources.filter { $0.path.hasPrefix("Sources/\(target)/") } }
}
