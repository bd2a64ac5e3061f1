import ArgumentParser
import Foundation
import MailModel
import PosternRuntime

struct Bounce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What messages that came back say: whom, why, and whether the address is dead.",
        discussion: """
            Delivery reports, notices in words, complaints and automatic answers, in files, folders or mbox files. Nothing is believed or written.
            With --evaluate, how often the classes are right on messages that people have labelled.
            """)

    @Argument(help: ArgumentHelp("Messages; - for standard input. With --evaluate: the folder of the messages.", valueName: "file"))
    var files: [String]
    @Option(help: ArgumentHelp("Labels, one row a line: file, index, status, reply code, reason, hard bounce.", valueName: "labels.csv"))
    var evaluate: String?
    @Flag(help: "With --evaluate: also each row that is not as labelled.")
    var misses = false
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if evaluate != nil, files.count != 1 { throw ValidationError("--evaluate takes one folder of messages") }
        if misses, evaluate == nil { throw ValidationError("--misses goes with --evaluate") }
    }

    func run() async throws {
        if let evaluate { return try compare(evaluate) }
        for file in files {
            try MessageFiles.forEach(file) { name, content in
                let view = BounceView(file: name, content, at: .now)
                if format.json { return try Output.json([view]) }
                Output.line(Output.printable("\(name): \(view.kind)"))
                for report in view.reports {
                    let words = [report.recipient, report.action, report.status, report.replyCode.map { "\($0)" } ?? ""]
                    let said = words.filter { !$0.isEmpty }.joined(separator: " ")
                    Output.line(Output.printable("  \(report.bounceClass)\(report.hard ? " (hard)" : "")  \(said)"))
                }
            }
        }
    }

    private func compare(_ labels: String) throws {
        let text = String(decoding: try MailFiles.octets(labels), as: UTF8.self)
        guard var evaluation = BounceEvaluation(labels: text) else {
            throw ValidationError("\(labels) is not of the form file,index,status,reply_code,reason,hard_bounce")
        }
        let rows = try evaluation.rows(at: .now) { try MailFiles.octets("\(files[0])/\($0)") }
        if misses {
            try format.print(evaluation.misses, ["file", "row", "labelled", "class", "hard", "words"], empty: "all rows are as labelled") {
                [$0.file, "\($0.index)", $0.expected, $0.found, $0.hardIsWrong ? "wrong" : "", Output.cut($0.words, 100)]
            }
        }
        try format.print(
            rows, ["rows", "count", "hard flag right", "class right", "complaints and answers taken for bounces"], empty: "no rows"
        ) {
            $0.cells
        }
    }
}
