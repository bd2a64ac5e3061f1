import MailModel
import OutboundPolicy
import ReportReading
import Storage

/// What became of a report that was handed in.
package struct ReportIntakeView: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
        case kept
        /// It was kept before.
        case known
        case refused
        /// Today has as many as one day may have.
        case full
    }

    package var outcome: Outcome
    /// Why it was refused; else empty.
    package var reason: String
    /// Of the store; empty where it was refused.
    package var id: String
    /// `aggregate`, `failure`, `tls`; empty where it was refused.
    package var kind: String
    package var domain: String
    package var organization: String
    /// Messages or sessions.
    package var total: Int
    package var passing: Int

    init(_ outcome: Outcome, _ report: KeptReport) {
        self.outcome = outcome
        reason = outcome == .full ? "more reports came today than a day may have" : ""
        (id, kind, domain, organization) = (report.id, report.kind.rawValue, report.domain.text, report.organization)
        (total, passing) = (report.total, report.passing)
    }

    init(refused reason: String) {
        outcome = .refused
        self.reason = reason
        (id, kind, domain, organization) = ("", "", "", "")
        (total, passing) = (0, 0)
    }
}

/// Takes reports on our domains in, by whichever way they come.
struct DomainReportIntake: Sendable {
    let store: any StoreAccess
    let directory: Directory

    /// Of one day: real ones are a few for each domain and receiver. It bounds what strangers can fill the store with.
    static let dayMax = 10_000

    /// One for each domain that the report speaks of; never empty.
    func take(_ content: [UInt8], way: String, at now: Timestamp) async throws -> [ReportIntakeView] {
        let read = try await BlockingWork.runLong { ReportReader.read(content) }
        let report: ReceivedReport
        switch read {
        case .failure(let fault): return [ReportIntakeView(refused: fault.text)]
        case .success(let found): report = found
        }
        switch KeptReport.reports(report, content: content, way: way, at: now) {
        case .failure(let refusal): return [ReportIntakeView(refused: refusal.text)]
        case .success(let reports):
            var views: [ReportIntakeView] = []
            for report in reports { views.append(try await keep(report)) }
            return views
        }
    }

    private func keep(_ report: KeptReport) async throws -> ReportIntakeView {
        guard directory.owns(report.domain) else {
            return ReportIntakeView(refused: "\(report.domain) is no domain of ours")
        }
        guard case .affected(let count) = try await store.perform(.domain(.keepReport(report, dayMax: DomainReportIntake.dayMax))) else {
            return ReportIntakeView(refused: "the store gave no answer")
        }
        return ReportIntakeView(count > 0 ? .kept : count == 0 ? .known : .full, report)
    }
}

extension Directory {
    /// Domains that mail leaves in the name of: the accepted ones, and those that have keys.
    var ownDomains: [DomainName] { Set(domains.keys).union(dkimKeys.keys).sorted() }

    /// True of these, and of names below them.
    func owns(_ domain: DomainName) -> Bool {
        var name: DomainName? = domain
        while let place = name {
            if domains[place] != nil || dkimKeys[place] != nil { return true }
            name = place.parent
        }
        return false
    }
}
