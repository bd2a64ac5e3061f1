package import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// What a receiver says of our mail of one day.
package struct FigureView: Codable, Hashable, Sendable {
    /// `2026-11-22`, in UTC.
    package var date: String
    package var figure: ReputationFigure

    package var key: String { "\(date)/\(figure.subject)" }

    init(_ figure: ReputationFigure) {
        date = String(Timestamp(seconds: Int64(figure.day) * 86_400).rfc3339.prefix(10))
        self.figure = figure
    }
}

/// The figures of the last days, the newest first.
package struct ListFigures: AdministrativeOperation {
    package static let name = "reputation.figures"
    package static let scope = AccessScope.routesRead
    package var source: ReputationFigure.Source
    /// 1…400; nil: 90.
    package var days: Int?

    package init(source: ReputationFigure.Source, days: Int? = nil) {
        self.source = source
        self.days = days
    }

    private static let rowsMax = 20_000

    package func perform(in administration: Administration, _ act: Act) async throws -> [FigureView] {
        let days = days ?? 90
        guard (1...400).contains(days) else { throw AdministrationError(.invalid, "\(days) days", "Figures are kept for 400 days.") }
        let (source, first) = (source, act.at.day - Int32(days) + 1)
        return try await administration.store.read {
            try $0.reputationFigures(source, since: first, limit: ListFigures.rowsMax).map(FigureView.init)
        }
    }
}

package struct ImportedFigures: Codable, Hashable, Sendable {
    package var imported: Int
    /// Where it cannot be read: line and column, at most 20. Nothing is imported then.
    package var problems: [String]
}

/// Reads a receiver's figures from CSV; those of the same day and subject take the place of what was there.
package struct ImportFigures: AdministrativeOperation {
    package static let name = "reputation.import"
    package static let scope = AccessScope.routesWrite
    package var source: ReputationFigure.Source
    /// The file, at most half a mebibyte.
    package var csv: String
    /// Of a file of Postmaster Tools without a column for it.
    package var domain: DomainName?

    package init(source: ReputationFigure.Source, csv: String, domain: DomainName? = nil) {
        self.source = source
        self.csv = csv
        self.domain = domain
    }

    package static let bytesMax = 524_288

    package func perform(in administration: Administration, _ act: Act) async throws -> ImportedFigures {
        guard csv.utf8.count <= ImportFigures.bytesMax else {
            throw AdministrationError(.invalid, "a file has up to half a mebibyte", "Split it.")
        }
        let input = self
        let file = try await BlockingWork.run { FigureFile(input.csv, input.source, domain: input.domain) }
        guard file.problems.isEmpty else { return ImportedFigures(imported: 0, problems: file.problems.map(\.description)) }
        guard !file.figures.isEmpty else { throw AdministrationError(.invalid, "the file has no line with figures") }
        _ = try await administration.store.perform(.reputation(.figures(file.figures)))
        _ = try await administration.store.perform(
            .audit(act.entry("reputation.import", target: "\(source.rawValue): \(file.figures.count) lines")))
        return ImportedFigures(imported: file.figures.count, problems: [])
    }
}
