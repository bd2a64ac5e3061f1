import ContentReading
package import ContentScan

/// Teaches words from mail that people have sorted.
package struct ScanTraining {
    package private(set) var model: WordModel
    private let knowledge: ScanKnowledge
    private let reader = ContentReader()
    /// Messages learnt now.
    package private(set) var learnt: [WordModel.Class: Int] = [:]

    /// Adds to `model`; nil begins anew.
    package init(_ model: WordModel?, knowledge: ScanKnowledge) {
        self.model = model ?? WordModel()
        self.knowledge = knowledge
    }

    package mutating func learn(_ path: String, isSpam: Bool) throws {
        try MailFiles.forEach(path) { _, content in
            let facts = reader.facts(SubmittedForm.of(content))
            let lesson = ContentScan.lesson(facts, knowledge: knowledge, isSpam: isSpam)
            model.learn(lesson.tokens, as: lesson.kind)
            learnt[lesson.kind, default: 0] += 1
        }
        model.prune()
    }
}

/// What a training came to.
package struct ScanTrainingView: Codable, Sendable {
    package var learntHam: Int
    package var learntSpam: Int
    /// Of all trainings: wanted messages, those of them that are bulk mail, spam, and words.
    package var ham: Int
    package var bulk: Int
    package var spam: Int
    package var words: Int
    package var isReady: Bool
    package var messagesMin: Int

    package init(_ training: ScanTraining) {
        let (model, learnt) = (training.model, training.learnt)
        learntHam = learnt[.personal, default: 0] + learnt[.bulk, default: 0]
        learntSpam = learnt[.spam, default: 0]
        (bulk, spam) = (model.count(.bulk), model.count(.spam))
        ham = model.count(.personal) + bulk
        (words, isReady, messagesMin) = (model.wordCount, model.isReady, WordModel.messagesMin)
    }
}
