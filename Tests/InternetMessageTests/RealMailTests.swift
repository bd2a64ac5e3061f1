import Foundation
import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

/// Every message of the collections beside the package. Skipped where they are not there.
@Suite(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"))
struct RealMailTests {
    @Test(arguments: ["mime", "messages", "bounces/messages"])
    func everyMessageIsReadWithoutATrap(_ folder: String) throws {
        var defects: [String: Int] = [:]
        let messages = try Corpus.messages(in: folder)
        #expect(!messages.isEmpty)
        for message in messages {
            switch HeaderSection.scan(message.content) {
            case .failure(let defect): defects[defect.rule, default: 0] += 1
            case .success(let header):
                let facts = MessageFacts.read(message.content, header: header)
                for defect in Set(facts.defects.map(\.rule)) { defects[defect, default: 0] += 1 }
                #expect(facts.subject.count <= 500 && facts.headerFromText.count <= 500, "\(message.name)")
            }
        }
        #expect(defects == RealMailTests.defects[folder])
    }

    /// How many messages of a folder have which defect.
    private static let defects: [String: [String: Int]] = [
        "mime": ["message.from-missing": 19, "message.from-unreadable": 2, "message.field-name": 1],
        "messages": [
            "message.from-unreadable": 8, "message.sender-unreadable": 3, "message.sender-missing": 1, "message.repeated-field": 3,
            "message.header-8bit": 25,
        ],
        "bounces/messages": ["message.from-unreadable": 27, "message.repeated-field": 2],
    ]

    @Test(.enabled(if: Python.isThere, "needs \(Python.path)"), arguments: ["messages", "bounces/messages"])
    func sevenBitFormDecodesToTheSameParts(_ folder: String) throws {
        try withTemporaryDirectory { directory in
            var converted = 0
            for message in try Corpus.messages(in: folder) where message.content.contains(where: { $0 >= 0x80 }) {
                guard let sevenBit = SevenBit.convert(message.content) else { continue }
                #expect(!sevenBit.contains { $0 >= 0x80 }, "\(message.name)")
                let file = message.name.replacingOccurrences(of: "/", with: "_")
                try Data(message.content).write(to: directory.appendingPathComponent(file + ".before"))
                try Data(sevenBit).write(to: directory.appendingPathComponent(file + ".after"))
                converted += 1
            }
            let (output, isSuccess) = try Python.run(compareParts, [directory.path])
            #expect(isSuccess, "\(output)")
            #expect(converted > 0 && output == "compared \(converted)\n")
        }
    }

    @Test(.enabled(if: Python.isThere, "needs \(Python.path)"))
    func reportsAboutRealMailAreReadable() throws {
        try withTemporaryDirectory { directory in
            var count = 0
            let messages =
                try Corpus.messages(in: "mime") + Corpus.messages(in: "messages").enumerated().filter { $0.offset % 10 == 0 }.map(\.element)
            for message in messages {
                var request = sampleRequest(content: message.content)
                if case .success(let header) = HeaderSection.scan(message.content) {
                    request.original.subject = MessageFacts.read(message.content, header: header).subject
                }
                try Data(DeliveryReport.compose(request)).write(to: directory.appendingPathComponent("\(count).eml"))
                count += 1
            }
            let (output, isSuccess) = try Python.run(checkReports, [directory.path])
            #expect(isSuccess && output == "checked \(count)\n", "\(output)")
        }
    }
}

private let compareParts = """
    import email, glob, sys
    count = 0
    def leaves(path):
        message = email.message_from_bytes(open(path, 'rb').read())
        return [(p.get_content_type(), p.get_payload(decode=True)) for p in message.walk() if not p.is_multipart()]
    for before in sorted(glob.glob(sys.argv[1] + '/*.before')):
        a, b = leaves(before), leaves(before[:-7] + '.after')
        if a != b:
            print('differs:', before, [x for x, y in zip(a, b) if x != y][:1], [y for x, y in zip(a, b) if x != y][:1], len(a), len(b))
            sys.exit(1)
        count += 1
    print('compared', count)
    """

private let checkReports = """
    import email, glob, sys
    count = 0
    for path in glob.glob(sys.argv[1] + '/*.eml'):
        raw = open(path, 'rb').read()
        assert max(raw) < 128 and max(map(len, raw.split(b'\\r\\n'))) <= 998, path
        m = email.message_from_bytes(raw)
        parts = m.get_payload()
        assert not m.defects and len(parts) == 3, path
        assert m['Subject'].startswith('Undeliverable:') or m['Subject'].startswith('=?UTF-8?B?'), path
        assert parts[1].get_payload()[1]['Final-Recipient'] == 'rfc822; x@y.example', path
        count += 1
    print('checked', count)
    """
