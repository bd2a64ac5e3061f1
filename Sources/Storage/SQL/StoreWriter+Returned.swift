import DeliveryPlanning
import MailModel

/// What came back.
extension StoreWriter {
    func returned(_ work: ReturnedWork) throws -> StoreWorkResult {
        switch work {
        case .keep(let intake): return .affected(try keep(intake))
        case .tidy(let reports, let content, let limit):
            let dropped = try prepare(ReturnedStatements.dropReports(dialect)).bind(reports.milliseconds).bind(limit).run()
            return .affected(
                dropped + (try prepare(ReturnedStatements.dropContent(dialect)).bind(content.milliseconds).bind(limit).run()))
        }
    }

    /// The first row decides whether it is new: all of an intake is kept in one commit.
    private func keep(_ intake: ReturnedIntake) throws -> Int {
        try concludeSettlements()
        var suppressed = 0
        for (part, one) in intake.reports.enumerated() {
            let isNew =
                try prepare(ReturnedStatements.put).bind(intake.id).bind(part).bind(intake.at.milliseconds)
                .bind(one.report.token?.message.value).bind(try RowText.text(one.report)).run() == 1
            guard isNew else { return -1 }
            if let feedback = one.feedback, try take(feedback) { suppressed += 1 }
        }
        guard !intake.content.isEmpty else { return suppressed }
        let statement = try prepare(ReturnedStatements.putContent).bind(intake.id).bind(intake.at.milliseconds)
        try intake.content.withUnsafeBytes { bytes in _ = try statement.bind(keeping: bytes).run() }
        return suppressed
    }
}
