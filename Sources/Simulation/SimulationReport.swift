package import MailModel

/// What a simulation came to.
package struct SimulationReport: Sendable, Hashable {
    /// One kind of answer.
    package struct Answer: Sendable, Hashable {
        /// Without what differs from message to message.
        package var reply: String
        package var count: Int
        package var firstAt: Timestamp
    }

    package struct Restricted: Sendable, Hashable {
        package var entity: String
        package var at: Timestamp
        package var reason: String
    }

    /// One interval of the picture.
    package struct Point: Sendable, Hashable {
        package var at: Timestamp
        package var submitted = 0
        package var delivered = 0
        package var refused = 0
        /// At its end.
        package var waiting = 0
    }

    /// Recipients.
    package var submitted = 0
    package var delivered = 0
    /// For good, by an answer of the provider or since its time was over.
    package var failed = 0
    package var waiting = 0
    /// Answers of 4xx and 5xx of the provider, each attempt counted.
    package var refusals = 0
    /// When the last recipient was settled; nil where some wait still.
    package var finishedAt: Timestamp?
    package var answers: [Answer] = []
    /// What Postern itself did not take, by its own limits.
    package var refusedBefore: [Answer] = []
    package var restricted: [Restricted] = []
    /// Why the gate stopped the route, where it did.
    package var stops: [Restricted] = []
    package var alerts: [String] = []
    package var series: [Point] = []
    /// What went wrong on purpose: crashes, commits that failed, connections that broke.
    package var accidents = 0
    /// Promises that did not hold; always empty, or there is a mistake.
    package var problems: [String] = []

    package init() {}

    /// Everything delivered, nothing refused, nobody restricted.
    package var isGood: Bool {
        waiting == 0 && failed == 0 && refusals == 0 && restricted.isEmpty && refusedBefore.isEmpty && problems.isEmpty
    }

    static let answersMax = 100

    mutating func answered(_ reply: SMTPReply, at now: Timestamp) {
        if !reply.isPositive { refusals += 1 }
        SimulationReport.count(reply, in: &answers, at: now)
    }

    mutating func refusedHere(_ reply: SMTPReply, at now: Timestamp) { SimulationReport.count(reply, in: &refusedBefore, at: now) }

    private static func count(_ reply: SMTPReply, in answers: inout [Answer], at now: Timestamp) {
        let kind = kind(reply)
        if let index = answers.firstIndex(where: { $0.reply == kind }) {
            answers[index].count += 1
        } else if answers.count < answersMax {
            answers.append(Answer(reply: kind, count: 1, firstAt: now))
        }
    }

    /// Host, time and numbers in brackets differ each time.
    private static func kind(_ reply: SMTPReply) -> String {
        guard !reply.isPositive else { return "\(reply.code) \(reply.enhancedCode.map { "\($0) " } ?? "")OK" }
        var text = "\(reply)"
        for word in text.split(separator: " ") where word.contains("@") { text = text.replacing(word, with: "…") }
        if let bracket = text.firstIndex(of: "["), text[bracket...].contains(".outlook.com") { text = String(text[..<bracket]) }
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
