package import MailModel

/// Conditions of one kind and subject, added up: what a node tells the store.
package struct AlertReport: Hashable, Sendable {
    package struct Key: Hashable, Sendable {
        package var kind: AlertKind
        package var subject: String
        package var tenant: TenantID
    }

    package var key: Key
    package private(set) var firstAt: Timestamp
    package private(set) var lastAt: Timestamp
    /// Conditions that say that it goes on.
    package private(set) var hits: Int
    /// The highest.
    package private(set) var stage: Int
    /// Of the latest condition that says that it goes on; of its end where there was none.
    package private(set) var text: String
    package private(set) var advice: String
    package private(set) var findings: [Finding]
    /// What the last condition said.
    package private(set) var isOver: Bool
    /// Each with the stage that it is said at.
    package private(set) var senderWords: [StagedWord]

    package struct StagedWord: Hashable, Sendable {
        package var word: SenderWord
        package var stage: Int

        package init(word: SenderWord, stage: Int) {
            self.word = word
            self.stage = stage
        }
    }

    /// Characters of a text, of which whoever made it is usually far below.
    static let textMax = 2000
    static let findingsMax = 20
    static let senderWordsMax = 8

    package init(_ condition: AlertCondition) {
        key = Key(kind: condition.kind, subject: condition.subject, tenant: condition.tenant)
        firstAt = condition.at
        lastAt = condition.at
        hits = condition.isOver ? 0 : 1
        stage = condition.isOver ? 0 : condition.stage
        text = String(condition.text.prefix(AlertReport.textMax))
        advice = String(condition.advice.prefix(AlertReport.textMax))
        findings = Array(condition.findings.prefix(AlertReport.findingsMax))
        isOver = condition.isOver
        senderWords = condition.senderWord.map { [StagedWord(word: $0, stage: condition.stage)] } ?? []
    }

    /// A further condition, or further conditions of the same kind and subject.
    package mutating func add(_ later: AlertReport) {
        firstAt = min(firstAt, later.firstAt)
        lastAt = max(lastAt, later.lastAt)
        if later.hits > 0 || hits == 0 {
            text = later.text
            advice = later.advice
            findings = later.findings
        }
        hits += later.hits
        stage = max(stage, later.stage)
        isOver = later.isOver
        for word in later.senderWords where senderWords.count < AlertReport.senderWordsMax {
            if !senderWords.contains(where: { $0.stage == word.stage && $0.word.occasion == word.word.occasion }) {
                senderWords.append(word)
            }
        }
    }

    /// As one of many subjects that are too many to be told apart.
    package mutating func joinOthers() {
        key.subject = AlertReport.others
        senderWords = []
        isOver = false
    }

    /// The subject of what is told together.
    package static let others = "others"
}

/// Reports that wait to be told to the store. Bounded: conditions of more subjects than that are told together as `others`.
package struct AlertReports: Sendable {
    private var reports: [AlertReport.Key: AlertReport] = [:]
    private let subjectsMax: Int

    package init(subjectsMax: Int = 1000) { self.subjectsMax = subjectsMax }

    package var isEmpty: Bool { reports.isEmpty }
    package var count: Int { reports.count }

    package mutating func add(_ condition: AlertCondition) { add(AlertReport(condition)) }

    package mutating func add(_ report: AlertReport) {
        var report = report
        if reports[report.key] == nil, reports.count >= subjectsMax, report.key.subject != AlertReport.others {
            // An end that finds no room has no others to end.
            guard !report.isOver else { return }
            report.joinOthers()
        }
        guard reports[report.key]?.add(report) == nil else { return }
        reports[report.key] = report
    }

    /// Back from a store that did not take them: older than what came meanwhile.
    package mutating func giveBack(_ older: [AlertReport]) {
        let newer = reports.values
        reports = [:]
        for report in older { add(report) }
        for report in newer { add(report) }
    }

    /// In no order.
    package mutating func takeAll() -> [AlertReport] {
        defer { reports = [:] }
        return Array(reports.values)
    }
}
