import ArgumentParser
import Foundation

enum TextFile {
    /// The text of a file in UTF-8.
    static func read(_ file: String) throws -> String {
        guard let octets = FileManager.default.contents(atPath: file) else { throw ValidationError("\(file) cannot be read") }
        guard let text = String(data: octets, encoding: .utf8) else { throw ValidationError("\(file) is not UTF-8") }
        return text
    }
}
