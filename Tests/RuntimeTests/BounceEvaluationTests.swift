import Foundation
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// How often the classes are right, on messages that others have labelled.
@Suite(.ownThreads) struct BounceEvaluationTests {
    private static let folder = "\(SourceTree.root)/../shared/data/bounces"
    private static let isThere = FileManager.default.fileExists(atPath: "\(folder)/expected.csv")

    @Test(.enabled(if: isThere, "needs the collections of mail in ../shared/data"))
    func `classes and hard flags are right as often as the documentation says`() throws {
        let labels = String(decoding: try MailFiles.octets("\(Self.folder)/expected.csv"), as: UTF8.self)
        var evaluation = try #require(BounceEvaluation(labels: labels))
        let rows = try evaluation.rows(at: Timestamp(seconds: 0)) { try MailFiles.octets("\(Self.folder)/messages/\($0)") }
        let all = try #require(rows.first)
        #expect(all.count == 306 && all.countedAsBounces == 0)
        #expect(all.hardRight * 100 >= all.count * 98, "\(evaluation.misses.filter(\.hardIsWrong).map(\.file))")
        #expect(all.classRight * 100 >= all.count * 92, "\(evaluation.misses.map(\.file))")
    }

    @Test func `the view of a file has the fields that scripts rely on`() throws {
        let message = """
            From: MAILER-DAEMON@example.net\r
            Subject: failure notice\r
            \r
            <anna@example.org>: 550 5.1.1 User unknown\r

            """
        let json = try JSONText.encode(BounceView(file: "one.eml", Array(message.utf8), at: Timestamp(seconds: 0)))
        #expect(
            json == """
                {"file":"one.eml","kind":"bounce","reports":[{"action":"failed","class":"address-dead","hard":true,\
                "recipient":"anna@example.org","reply_code":550,"status":"5.1.1"}]}
                """)
    }
}
