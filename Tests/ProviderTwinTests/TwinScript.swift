import Foundation
import MailModel

@testable import ProviderTwin

/// A dialogue file: what is done to the twin and what it must answer. Both the model and a stock client against the server run it.
struct TwinScript {
    var line = 0
    var verb = ""
    var words: [String] = []
    /// Nil where nothing is answered; a `*` at its end stands for anything.
    var expected: String?

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Dialogues")

    static var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".twin") }.sorted()
    }

    static func read(_ name: String) throws -> [TwinScript] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
            let halves = line.components(separatedBy: " => ")
            var words = halves[0].split(separator: " ").map(String.init)
            let verb = words.removeFirst()
            return TwinScript(line: index + 1, verb: verb, words: words, expected: halves.count > 1 ? halves[1] : nil)
        }
    }

    static func fits(_ reply: String, _ expected: String) -> Bool {
        expected.hasSuffix("*") ? reply.hasPrefix(expected.dropLast()) : reply == expected
    }

    /// `name=value` words.
    var options: [String: String] {
        Dictionary(
            words.compactMap { word in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }, uniquingKeysWith: { $1 })
    }

    /// `a@b,c@d`, or `example.com*5` for so many addresses.
    static func recipients(_ text: String) -> [EmailAddress] {
        let parts = text.split(separator: "*")
        guard parts.count == 2, let count = Int(parts[1]) else { return text.split(separator: ",").compactMap { EmailAddress($0) } }
        return (0..<count).compactMap { EmailAddress("r\($0)@\(parts[0])") }
    }

    /// The message of a `send`.
    func content() -> [UInt8] {
        var text = "From: \(words[1])\r\nSubject: \(options["subject"] ?? "test")\r\n"
        if words.contains("forwarded") { text += "X-MS-Exchange-Inbox-Rules-Loop: \(words[1])\r\n" }
        text += "\r\nhello\r\n"
        if words.contains("spam") { text += "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n" }
        for number in 0..<(options["links"].flatMap(Int.init) ?? 0) { text += "https://example.com/\(number)\r\n" }
        return Array(text.utf8)
    }
}
