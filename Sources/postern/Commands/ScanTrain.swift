import ArgumentParser
import PosternRuntime

struct ScanTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Learn words from mail that was sorted by people; what was learnt before stays.",
        discussion: "A folder of messages, a Maildir, an mbox file or a single message each; each option may stand more than once.")

    @Option(help: "Mail that is wanted.")
    var ham: [String] = []
    @Option(help: "Spam.")
    var spam: [String] = []
    @Flag(help: "Forget what was learnt before.")
    var anew = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard !ham.isEmpty || !spam.isEmpty else { throw ValidationError("give --ham, --spam, or both") }
    }

    func run() async throws {
        let directory = data.directory
        var training = ScanTraining(anew ? nil : try ScanFiles.words(of: directory), knowledge: try ScanFiles.knowledge(of: directory))
        for path in ham { try training.learn(path, isSpam: false) }
        for path in spam { try training.learn(path, isSpam: true) }
        try ScanFiles.write(training.model, to: directory)
        let view = ScanTrainingView(training)
        if format.json { return try Output.json([view]) }
        Output.line(
            "Learnt \(view.learntHam) wanted and \(view.learntSpam) spam; known are \(view.ham) wanted, \(view.bulk) of them bulk, "
                + "\(view.spam) spam, \(view.words) words.")
        if !view.isReady { Output.line("Words count from \(view.messagesMin) messages of each kind.") }
    }
}
