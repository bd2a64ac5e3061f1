import Foundation
import GateSupport
import MailCorpus
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// What goes in comes out byte for byte, but for the fields that the gate adds on top and the Bcc that it takes out; or it is refused with
/// its defect named.
@Suite("Real mail through the whole gate", .serialized, .ownThreads)
struct RealMailTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    @Test func `the messages that come with the tests`() throws {
        try passThrough(try Corpus.messages(in: RealMailTests.fixtures), refusals: RealMailTests.fixtureRefusals)
    }

    @Test(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"), arguments: ["rfc", "malformed"])
    func `the MIME examples`(_ folder: String) throws {
        let messages = try Corpus.messages(in: "mime/\(folder)")
        try passThrough(messages, refusals: RealMailTests.mimeRefusals[folder] ?? [:])
    }

    @Test(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"))
    func `a thousand messages of five collections`() throws {
        let messages = try Corpus.messages(in: "messages", count: 1000)
        #expect(messages.count == 1000)
        try passThrough(messages, refusals: RealMailTests.messageRefusals)
    }

    /// `refusals`: file to the rule that refuses it.
    private func passThrough(_ messages: [Corpus.Message], refusals: [String: String]) throws {
        #expect(!messages.isEmpty)
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            var refused: [String: String] = [:]
            for (number, message) in messages.enumerated() {
                let reply = client.submit(from: "a@example.org", to: ["to-\(number)@example.net"], message.content)
                if reply.code != 250 { refused["to-\(number)@example.net"] = reply.description }
            }
            let ledger = try gate.emptied()
            #expect(ledger.accepted == messages.count - refused.count && ledger.delivered == ledger.accepted)
            try compareRefusals(
                messages, refused, try gate.trace("--status", "refused").map { ($0.recipient, $0.findings.first?.rule ?? "") }, refusals)
            compareArrivals(messages, refused, server.mails)
            #expect(gate.isRunning && client.say("NOOP").code == 250)
        }
    }

    private func compareRefusals(
        _ messages: [Corpus.Message], _ refused: [String: String], _ traced: [(recipient: String, rule: String)],
        _ expected: [String: String]
    ) throws {
        let rules = Dictionary(traced, uniquingKeysWith: { first, _ in first })
        var found: [String: String] = [:]
        for (number, message) in messages.enumerated() {
            guard let reply = refused["to-\(number)@example.net"] else { continue }
            found[message.name] = rules["to-\(number)@example.net"]
            #expect(reply.hasPrefix("550 5.6.") || reply.hasPrefix("554 5."), "\(message.name): \(reply)")
            // A rule, and then what of this message is against it.
            #expect(reply.contains(": ") && reply.utf8.count > 40, "\(message.name): \(reply)")
        }
        #expect(found == expected)
    }

    private func compareArrivals(_ messages: [Corpus.Message], _ refused: [String: String], _ mails: [ScriptedServer.Mail]) {
        let arrived = Dictionary(mails.map { ($0.addresses.first ?? "", $0.content) }, uniquingKeysWith: { first, _ in first })
        #expect(arrived.count == mails.count, "something came twice")
        for (number, message) in messages.enumerated() where refused["to-\(number)@example.net"] == nil {
            guard let content = arrived["to-\(number)@example.net"] else {
                Issue.record("\(message.name) did not arrive")
                continue
            }
            let kept = withoutBcc(message.content)
            #expect(Array(content.suffix(kept.count)) == kept, "\(message.name) was changed")
            let added = fieldNames(of: Array(content.dropLast(kept.count)))
            // Signatures stand above all; an empty line follows where the message had no header at all.
            let edits = added.drop { $0 == "dkim-signature" }
            #expect(edits.first == "received", "\(message.name): \(added)")
            #expect(Set(edits.dropFirst()).isSubset(of: ["date", "message-id", ""]), "\(message.name): \(added)")
            #expect(Set(edits).count == edits.count, "\(message.name): \(added)")
        }
    }

    /// The names of a header's fields in lower case; an empty line shows as an empty name.
    private func fieldNames(of header: [UInt8]) -> [String] {
        lines(of: header).filter { !isContinuation($0) }.map(name)
    }

    private func withoutBcc(_ content: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var isInHeader = true
        var isInBcc = false
        for line in lines(of: content) {
            if line.elementsEqual([0x0D, 0x0A]) { isInHeader = false }
            if isInHeader, !isContinuation(line) { isInBcc = name(line) == "bcc" }
            if !isInHeader || !isInBcc { kept += line }
        }
        return kept
    }

    private func lines(of content: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = content.startIndex
        while start < content.endIndex {
            let end = content[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? content.endIndex
            lines.append(content[start..<end])
            start = end
        }
        return lines
    }

    private func isContinuation(_ line: ArraySlice<UInt8>) -> Bool { line.first == 0x20 || line.first == 0x09 }

    private func name(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.prefix { $0 != 0x3A && $0 != 0x0D }, as: UTF8.self).lowercased()
    }

    private static let fixtureRefusals = [
        "refused-field-name.eml": "message.field-name",
        "refused-from-several.eml": "message.sender-missing",
        "refused-header-line.eml": "message.header-line",
        "refused-leading-space.eml": "message.leading-continuation",
        "refused-long-line.eml": "message.line-too-long",
        "refused-loop.eml": "message.loop",
        "refused-no-from.eml": "message.from-missing",
        "refused-nul.eml": "message.nul",
        "refused-two-from.eml": "message.repeated-field",
        "refused-unreadable-from.eml": "message.from-unreadable",
    ]

    private static let mimeRefusals = [
        "rfc": [
            "001.eml": "message.from-unreadable",
            "004.eml": "message.from-unreadable",
            "007.eml": "message.from-missing",
            "008.eml": "message.from-missing",
        ],
        "malformed": [
            "000.eml": "message.from-missing",
            "001.eml": "message.from-missing",
            "002.eml": "message.from-missing",
            "003.eml": "message.from-missing",
            "004.eml": "message.from-missing",
            "005.eml": "message.from-missing",
            "006.eml": "message.from-missing",
            "007.eml": "message.from-missing",
            "008.eml": "message.from-missing",
            "009.eml": "message.from-missing",
            "010.eml": "message.from-missing",
            "011.eml": "message.from-missing",
            "012.eml": "message.from-missing",
            "013.eml": "message.from-missing",
            "014.eml": "message.from-missing",
            "016.eml": "message.from-missing",
            "018.eml": "message.from-missing",
            "019.eml": "message.field-name",
        ],
    ]

    private static let messageRefusals = [
        "spam-1/00112.be81f2f6f7940a9403c9809b4a9e243a.eml": "message.line-too-long",
        "spam-2/00028.60393e49c90f750226bee6381eb3e69d.eml": "message.line-too-long",
        "spam-2/00049.83a0ff17486ed3866aeed9f45f5b3389.eml": "message.from-unreadable",
        "spam-2/00114.68b089e3ca8128bb8d11f4f8bc592764.eml": "message.from-unreadable",
        "spam-2/00135.9996d6845094dcec94b55eb1a828c7c4.eml": "message.from-unreadable",
        "spam-2/00708.89f1f9108884517148fdbd744e18ec1e.eml": "message.from-unreadable",
        "spam-2/00916.018fdcfbee3a549dc675f169a1243e16.eml": "message.from-unreadable",
        "spam-2/01259.b4dff1ed93bc931b271888cd42e41b85.eml": "message.line-too-long",
    ]
}
