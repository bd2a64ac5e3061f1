import Foundation
package import MailModel
package import OutboundPolicy
import Storage

/// One thing that came back about one recipient, as it is kept.
package struct ReturnedView: Codable, Hashable, Sendable {
    /// Of what it came in, for `returned.show`.
    package var id: String
    package var part: Int
    package var time: String
    package var source: String
    package var kind: String
    /// `MESSAGE/RECIPIENT` by the token; nil where none is known.
    package var about: String?
    /// Empty where none is named.
    package var recipient: String
    package var action: String?
    package var status: String?
    package var replyCode: Int?
    package var bounceClass: String
    package var hard: Bool
    package var diagnostic: String
    package var reporter: String
    package var feedbackType: String?
    package var believed: Bool
    /// By what it is believed, or why it is not.
    package var proof: String

    private enum CodingKeys: String, CodingKey {
        case id, part, time, source, kind, about, recipient, action, status, replyCode, hard, diagnostic, reporter, feedbackType, believed,
            proof
        case bounceClass = "class"
    }

    init(_ record: ReturnedRecord) {
        let report = record.report
        id = record.id
        part = record.part
        time = report.at.rfc3339
        source = report.source.rawValue
        kind = report.kind.rawValue
        about = report.token?.description
        recipient = report.recipient?.description ?? ""
        action = report.action?.rawValue
        status = report.status?.description
        replyCode = report.replyCode
        bounceClass = report.bounceClass.rawValue
        hard = report.isHard
        diagnostic = report.diagnostic
        reporter = report.reporter
        feedbackType = report.feedbackType
        believed = report.authenticity.isProven
        switch report.authenticity {
        case .proven(let by): proof = by
        case .unproven(let reason): proof = reason
        }
    }

    var key: String { "\(id)/\(part)" }
}

/// What came back, the newest first.
package struct ListReturned: AdministrativeOperation {
    package static let name = "returned.list"
    package static let scope = AccessScope.traceRead
    /// What came back of one message alone.
    package var message: MessageID?
    /// 1…10,000.
    package var limit: Int

    package init(message: MessageID? = nil, limit: Int) {
        self.message = message
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [ReturnedView] {
        try PageLimit.check(limit)
        var query = ReturnedQuery()
        (query.message, query.limit) = (message, limit)
        let wanted = query
        return try await administration.store.read { try $0.returned(wanted).map(ReturnedView.init) }
    }
}

/// A report as it came, and what was read in it.
package struct ReturnedContentView: Codable, Hashable, Sendable {
    package var reports: [ReturnedView]
    /// The beginning of what came; nil where it is not kept, or is no longer. Octets that are no UTF-8 are replaced.
    package var content: String?
}

package struct ShowReturned: AdministrativeOperation {
    package static let name = "returned.show"
    package static let scope = AccessScope.traceRead
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReturnedContentView {
        var query = ReturnedQuery()
        query.id = id
        query.limit = 1000
        let wanted = query
        let (records, content) = try await administration.store.read { store in
            (try store.returned(wanted), try store.returnedContent(wanted.id ?? ""))
        }
        guard !records.isEmpty else {
            throw AdministrationError(.notFound, "nothing came back under \(id)", "`postern returned list` shows what did.")
        }
        return ReturnedContentView(
            reports: records.map(ReturnedView.init), content: content.map { String(decoding: $0, as: UTF8.self) })
    }
}
