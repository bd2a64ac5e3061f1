import Foundation
import Testing

/// What is written about the source is there, and speaks of nothing that only one machine has.
@Suite struct DocumentTests {
    private var documents: [String] {
        Tree.files(in: "docs").filter { $0.hasSuffix(".md") } + ["README.md", "CHANGELOG.md"].filter { Tree.text($0) != nil }
    }

    /// Targets of Markdown links, without their fragments; those to other sites are left out.
    static func links(in text: String) -> [String] {
        text.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != "#" && !$0.isWhitespace }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    @Test func everyLinkLeadsToAFile() throws {
        #expect(!documents.isEmpty)
        for document in documents {
            let folder = Tree.root.appending(path: document).deletingLastPathComponent()
            for link in DocumentTests.links(in: try #require(Tree.text(document))) {
                let path = folder.appending(path: link).standardizedFileURL.path(percentEncoded: false)
                #expect(FileManager.default.fileExists(atPath: path), "\(document) links to \(link), which is not there")
            }
        }
    }

    @Test func theChangeLogHasAPlaceForWhatComesNext() {
        guard let text = Tree.text("CHANGELOG.md") else { return }
        #expect(text.split(separator: "\n").contains { $0.hasPrefix("##") && $0.lowercased().contains("unreleased") })
    }

    /// Folders of one machine. Written in two parts, so that this file does not name them.
    static let machinePaths = ["/" + "work/", "/" + "root/"]

    @Test func noFileNamesAFolderOfOneMachine() {
        for path in Tree.files() {
            guard let text = Tree.text(path) else { continue }
            for folder in DocumentTests.machinePaths where text.contains(folder) {
                Issue.record("\(path) names \(folder)")
            }
        }
    }

    @Test func linksAreRead() {
        let text = "see [a](a.md), [b](../b.md#part) and [c](https://example.org/c), [d](#here), [e](mailto:x@y) ![f](f.png \"title\")"
        #expect(DocumentTests.links(in: text) == ["a.md", "../b.md", "f.png"])
    }
}
