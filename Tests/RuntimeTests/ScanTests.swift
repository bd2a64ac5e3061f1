import ContentScan
import Foundation
import MailCorpus
import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

/// Files, training and the words for people.
@Suite(.ownThreads) struct ScanTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scan-\(UUID().uuidString)").path

    private func write(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func names(_ path: String) throws -> [String] {
        var names: [String] = []
        try MailFiles.forEach(path) { name, content in
            names.append(
                "\(name.dropFirst(folder.utf8.count + 1)) \(String(decoding: content, as: UTF8.self).split(separator: "\n").last ?? "")")
        }
        return names
    }

    @Test func mailIsReadAsPeopleKeepIt() throws {
        let box = try write("box", "From a\nSubject: 1\n\none\nFrom here\n\nFrom b\nSubject: 2\n\ntwo\n")
        _ = try write("dir/new/2", "Subject: x\n\nsecond\n")
        _ = try write("dir/cur/1", "Subject: x\n\nfirst\n")
        _ = try write("dir/.hidden", "no mail\n")
        #expect(try names(box) == ["box#1 From here", "box#2 two"])
        #expect(try names("\(folder)/dir") == ["dir/cur/1 first", "dir/new/2 second"])
        #expect(throws: FileError.self) { try names("\(folder)/nowhere") }
    }

    @Test func onlyWhatWasSubmittedIsKept() {
        let message = """
            From x Mon
            Return-Path: <a@b>
            Received: from x
             by y
            X-Spam: yes
            Date: today
            List-Id: <l>
            Subject: Hello
            Content-Type: text/plain

            Text: body

            """
        func of(_ hasHeader: Bool) -> String {
            String(decoding: SubmittedForm.of(Array(message.utf8), hasHeader: hasHeader), as: UTF8.self)
        }
        #expect(of(true) == "Subject: Hello\nContent-Type: text/plain\n\nText: body\n")
        #expect(of(false) == "Content-Type: text/plain\n\nText: body\n")
    }

    @Test func whatWasTrainedIsKeptAndAddedTo() throws {
        let data = DataDirectory("\(folder)/data")
        try FileManager.default.createDirectory(atPath: data.root, withIntermediateDirectories: true)
        #expect(try ScanFiles.words(of: data) == nil)
        for number in 0..<30 {
            _ = try write("spam/\(number)", "Subject: offer\n\ncheap pills online number\(number)x\n")
            _ = try write("ham/\(number)", "Subject: meeting\n\nthe agenda of thursday item\(number)x\n")
        }
        for round in 1...2 {
            var training = ScanTraining(try ScanFiles.words(of: data), knowledge: try ScanFiles.knowledge(of: data))
            try training.learn("\(folder)/ham", isSpam: false)
            try training.learn("\(folder)/spam", isSpam: true)
            try ScanFiles.write(training.model, to: data)
            #expect(ScanTrainingView(training).spam == 30 * round)
        }
        let knowledge = try ScanFiles.knowledge(of: data)
        #expect(knowledge.words != nil)
        let view = try ScanMessage(content: Array("Subject: offer\n\ncheap pills online\n".utf8)).view(
            knowledge: knowledge, at: Timestamp(seconds: 0))
        #expect(view.findings.contains { $0.rule == "scan.words.spam" })
        try Data("broken".utf8).write(to: URL(fileURLWithPath: data.path(of: ScanFiles.wordsFile)))
        #expect(throws: FileError.self) { try ScanFiles.knowledge(of: data) }
    }

    @Test func aListOfShortenersIsRead() throws {
        let data = DataDirectory("\(folder)/data")
        _ = try write("data/scan/shorteners.txt", "# ours\n.go.example\nlink.example # too\n\n")
        #expect(try ScanFiles.knowledge(of: data).shorteners == ["go.example", "link.example"])
    }

    @Test func theOperationAnswersAndRefuses() async throws {
        let data = try await TestData()
        let administration = data.administration(live: nil)
        let act = Act(actor: "local:test", reason: "", at: TestData.now)
        let view = try await administration.perform(ScanMessage(content: Array("Subject: Hi\n\nhttp://203.0.113.1/\n".utf8)), act)
        #expect(view.verdict == .clean && view.findings.contains { $0.rule == "scan.links.number" })
        await #expect(throws: AdministrationError.self) { try await administration.perform(ScanMessage(message: "no base64!"), act) }
    }

    @Test func aCheckSaysWhatToDo() {
        let message =
            "From: Shop <shop@gmail.com>\nSubject: Grüße\nContent-Type: text/html\n\n<a href='http://1.2.3.4/'>x</a>\(String(repeating: "y", count: 1_200))\n"
        let check = SendingCheck.of(Array(message.utf8), knowledge: ScanKnowledge(), at: Timestamp(seconds: 0))
        let rules = Set(check.objections.map(\.rule))
        #expect(
            rules.isSuperset(of: [
                "scan.links.number", "scan.text.no-plain", "check.line-length", "check.header-octets", "check.from-provider",
            ]))
        #expect(check.objections.allSatisfy { !$0.advice.isEmpty && !$0.objection.isEmpty })
        let good = SendingCheck.of(
            Array("From: a@example.org\nSubject: Lunch\n\nAt noon?\n".utf8), knowledge: ScanKnowledge(), at: Timestamp(seconds: 0))
        #expect(good.objections.isEmpty && good.verdict == .clean)
        for rule in ScanRule.allCases { #expect(SendingAdvice.of("scan.\(rule.rawValue)") != "Look at it again.") }
    }

    /// The figures of docs/scan.md, with room for what a change of words does.
    @Test(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"))
    func theVerdictsAreAsGoodAsIsWritten() throws {
        var evaluation = ScanEvaluation()
        for name in ["easy-ham-1", "easy-ham-2"] { try evaluation.add("\(ScanTests.mail)/\(name)", .ham) }
        try evaluation.add("\(ScanTests.mail)/hard-ham-1", .hardHam)
        for name in ["spam-1", "spam-2"] { try evaluation.add("\(ScanTests.mail)/\(name)", .spam) }
        for row in evaluation.rows() {
            let share = Double(row.spam) / Double(row.messages)
            switch (row.run.hasPrefix("trained"), row.kind) {
            case (true, "ham"): #expect(share <= 0.002, "\(row)")
            case (true, "hard ham"): #expect(share <= 0.03, "\(row)")
            case (true, _): #expect(share >= 0.925, "\(row)")
            case (false, "spam"): break
            case (false, _): #expect(share < 0.04, "\(row)")
            }
        }
    }

    private static let mail = Corpus.directory.appendingPathComponent("messages").path
}
