/// What is wrong with a cell, or worth knowing of it.
package enum ImportRule: String, Hashable, Sendable, Codable, CaseIterable {
    // The row is not taken.
    case noAddress = "no-address"
    case badAddress = "bad-address"
    case brokenRow = "broken-row"
    case duplicate
    case suppressed
    case valueTooLong = "value-too-long"
    // The row is taken, unless it was chosen otherwise.
    case typo
    case role
    case disposable
    case literal

    /// False for what is worth knowing only.
    package var isError: Bool {
        switch self {
        case .noAddress, .badAddress, .brokenRow, .valueTooLong, .literal: true
        case .duplicate, .suppressed, .typo, .role, .disposable: false
        }
    }

    /// False where the row goes on the list, unless it was chosen otherwise (`DoubtfulAddress`).
    package var leavesOut: Bool {
        switch self {
        case .noAddress, .badAddress, .brokenRow, .valueTooLong, .duplicate, .suppressed, .literal: true
        case .typo, .role, .disposable: false
        }
    }
}

/// A finding at its cell.
package struct ImportFinding: Hashable, Sendable, Codable {
    /// From 1 on.
    package var line: Int
    /// From 1 on.
    package var column: Int
    /// The column's name.
    package var title: String
    /// The cell, cut at 200 characters.
    package var value: String
    package var rule: ImportRule
    package var problem: String
    package var advice: String

    package static let valueMax = 200

    package init(line: Int, column: Int, title: String, value: String, rule: ImportRule, problem: String, advice: String) {
        self.line = line
        self.column = column
        self.title = title
        self.value = String(value.prefix(ImportFinding.valueMax))
        self.rule = rule
        self.problem = problem
        self.advice = advice
    }
}
