import Testing

/// Rules of the source that a machine can see.
@Suite struct SourceTests {
    /// What may not stand in the code, and why.
    static let forbidden: [(text: String, reason: String)] = [
        ("public", "nothing is public: other targets get `package`"),
        ("open", "nothing is open: other targets get `package`"),
        ("try!", "an error becomes a value or is passed on"),
        ("fatalError(", "the impossible is a precondition with a sentence"),
        ("nonisolated(unsafe)", "a lock, an actor or an event loop protects what is shared"),
        ("Task {", "tasks are structured: a group or a service owns them"),
        ("Task(", "tasks are structured: a group or a service owns them"),
        ("Task.detached", "tasks are structured: a group or a service owns them"),
    ]

    @Test(arguments: forbidden) func forbiddenWordsAreNotUsed(_ rule: (text: String, reason: String)) {
        for source in Tree.sources {
            for line in source.lines(withWord: rule.text) where !isOtherUse(rule.text, source.codeLines[line - 1]) {
                Issue.record("\(source.path):\(line): `\(rule.text)`: \(rule.reason)")
            }
        }
    }

    /// `open` and `public` are names as well; only the modifier is meant.
    private func isOtherUse(_ word: String, _ line: Substring) -> Bool {
        guard word == "open" || word == "public" else { return false }
        let declarations = [
            "class", "struct", "enum", "func", "var", "let", "init", "import", "protocol", "extension", "static", "final", "actor",
        ]
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(where: { $0 == word }), position + 1 < words.count else { return true }
        return !declarations.contains { words[position + 1].hasPrefix($0) }
    }

    @Test func nothingIsLeftToBeDone() {
        for source in Tree.sources {
            for (index, line) in source.lines.enumerated() where line.contains("TO" + "DO") || line.contains("FIX" + "ME") {
                Issue.record("\(source.path):\(index + 1): do it, or file an issue")
            }
        }
    }

    /// Whoever promises the compiler something says why it is true.
    @Test func anUncheckedPromiseSaysWhyItHolds() {
        for source in Tree.sources {
            let lines = source.lines
            for line in source.lines(withWord: "@unchecked Sendable") {
                let comment = lines[..<(line - 1)].reversed().prefix {
                    $0.drop { $0 == " " }.hasPrefix("//") || $0.drop { $0 == " " }.hasPrefix("@")
                }
                #expect(
                    comment.contains { $0.contains("`@unchecked") }, "\(source.path):\(line): a comment says `@unchecked`: and why it holds"
                )
            }
        }
    }

    /// Whose tests start gates or programs and wait for them.
    static let targetsThatWait = [
        "GateTests", "RuntimeTests", "CrashTests", "ClusterTests", "TwinTests", "StorageTests", "SMTPTransportTests",
        "BuiltInReceiverTests", "DNSClientTests",
    ]

    @Test(arguments: targetsThatWait) func testsThatWaitHaveThreadsOfTheirOwn(_ target: String) {
        let files = Tree.files(in: "Tests/\(target)").filter { Tree.text($0)?.contains("@Test") == true }
        #expect(!files.isEmpty)
        for path in files {
            #expect(Tree.text(path)?.contains(".ownThreads") == true, "\(path): a suite that waits says `@Suite(.ownThreads)`")
        }
    }

    static let fileLinesMax = 600
    static let functionLinesMax = 70

    @Test func filesAreAboutOneThing() {
        for source in Tree.sources where source.lines.count - 1 > SourceTests.fileLinesMax {
            Issue.record("\(source.path) has \(source.lines.count - 1) lines; at most \(SourceTests.fileLinesMax)")
        }
    }

    @Test func functionsFitOnAScreen() {
        for source in Tree.sources {
            for function in source.functions where function.length > SourceTests.functionLinesMax {
                Issue.record(
                    "\(source.path):\(function.line): \(function.name) has \(function.length) lines; at most \(SourceTests.functionLinesMax)"
                )
            }
        }
    }

    @Test func theTreeWasRead() {
        #expect(Tree.sources.count > 150)
        #expect(Tree.sources.flatMap(\.functions).count > 500)
    }

    // The instruments themselves.

    private func source(_ text: String) -> SwiftSource { SwiftSource(path: "Sample.swift", text: text) }

    @Test func commentsAndStringsAreNoCode() {
        let sample = source(
            ##"""
            let a = "public \(call("try!", b)) try!" // public
            /* public
               try! */ let c = 1
            let d = #"public \(x) \#(y) " "#
            let e = """
                public " \(f)
                """
            public let g = 1
            """##)
        #expect(sample.lines(withWord: "public") == [8])
        #expect(sample.lines(withWord: "try!") == [])
        #expect(sample.lines(withWord: "call(") == [1])
        #expect(sample.lines(withWord: "y") == [4])
        #expect(sample.lines(withWord: "x") == [])
        #expect(sample.lines(withWord: "f") == [6])
        #expect(sample.codeLines.map(\.utf8.count) == sample.lines.map(\.utf8.count))
    }

    @Test func aWordIsAWholeWord() {
        let sample = source("group.addTask { }\nlet publicKey = republic\nRepeatedTask {\nTask {\nTask.detached {")
        #expect(sample.lines(withWord: "Task {") == [4])
        #expect(sample.lines(withWord: "Task.detached") == [5])
        #expect(sample.lines(withWord: "public") == [])
    }

    @Test func importsAreRead() {
        let sample = source(
            "import A\npackage import B\n@testable import C\n@preconcurrency package import D\nlet import_ = 1\n// import E\n")
        #expect(sample.imports == ["A", "B", "C", "D"])
    }

    @Test func functionsAreMeasured() {
        let sample = source(
            """
            protocol P {
                func required() -> Int
                var x: Int { get }
            }
            struct S {
                init(a: Int = { 1 }()) {
                    self.init()
                }
                func one() { }
                package func two<T>(
                    _ a: T, _ b: (Int) -> Void
                ) async throws -> [T]
                where T: Hashable {
                    if a { "}" }
                }
            }
            """)
        #expect(sample.functions.map { "\($0.line) \($0.length)" } == ["6 3", "9 1", "10 6"])
    }
}
