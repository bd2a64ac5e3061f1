import Foundation
import MailModel

/// Reports on domains, and looks at them.
extension StoreWriter {
    func domain(_ work: DomainWork) throws -> StoreWorkResult {
        switch work {
        case .keepReport(let report, let dayMax): return .affected(try keep(report, dayMax: dayMax))
        case .keepCheck(let check):
            let changes = String(decoding: try JSONEncoder().encode(check.changes), as: UTF8.self)
            try prepare(DomainStatements.putCheck).bind(check.domain.text).bind(check.at.milliseconds).bind(check.state).bind(check.digest)
                .bind(changes).send()
            try prepare(DomainStatements.putState).bind(check.domain.text).bind(check.at.milliseconds).bind(check.memory).send()
            return .done
        case .tidy(let before, let limit): return .affected(try tidyDomains(before: before, limit: limit))
        }
    }

    /// The first row decides whether it is new: all of a report is kept in one commit.
    private func keep(_ report: KeptReport, dayMax: Int) throws -> Int {
        let midnight = Timestamp(seconds: Int64(report.receivedAt.day) * 86_400)
        let counter = try prepare(DomainStatements.receivedSince).bind(midnight.milliseconds)
        guard try counter.step() else { throw StoreError.corrupt("no count of reports") }
        let count = counter.readInt()
        while try counter.step() {}
        let isNew =
            try prepare(DomainStatements.putReport).bind(report.id).bind(report.domain.text).bind(report.kind.rawValue)
            .bind(report.organization).bind(report.reportID).bind(report.way).bind(report.begin.milliseconds).bind(report.end.milliseconds)
            .bind(report.receivedAt.milliseconds).bind(report.total).bind(report.passing).run() == 1
        guard isNew else { return 0 }
        guard count < dayMax else {
            try prepare(DomainStatements.dropReport).bind(report.id).send()
            return -1
        }
        for (part, row) in report.rows.enumerated() {
            try prepare(DomainStatements.putRow).bind(report.id).bind(part).bind(report.domain.text).bind(report.kind.rawValue)
                .bind(report.begin.day).bind(row.source).bind(row.about).bind(row.result).bind(row.dkim).bind(row.spf).bind(row.passes)
                .bind(row.total).send()
        }
        return 1
    }

    private func tidyDomains(before: Timestamp, limit: Int) throws -> Int {
        try prepare(DomainStatements.dropStates).bind(before.milliseconds).send()
        let reports = try prepare(DomainStatements.dropReports(dialect)).bind(before.milliseconds).bind(limit).run()
        let rows = try prepare(DomainStatements.dropRows(dialect)).bind(before.day).bind(limit).run()
        return reports + rows + (try prepare(DomainStatements.dropChecks(dialect)).bind(before.milliseconds).bind(limit).run())
    }
}
