import DeliveryPlanning
import MailModel
package import OutboundPolicy

/// Where one of our domains or addresses stands with a receiver's programme.
package struct EnrolmentView: Codable, Hashable, Sendable {
    package var loop: FeedbackLoop
    package var title: String
    /// A domain, or an address.
    package var subject: String
    package var state: FeedbackEnrolment.State
    /// Who said so, and when; empty where nobody did.
    package var by: String
    package var since: String
    package var note: String
    package var page: String
    /// What to do there; empty once it is active.
    package var todo: String

    package var key: String { FeedbackEnrolment.key(loop, subject) }

    init(_ loop: FeedbackLoop, _ subject: String, _ enrolment: FeedbackEnrolment?) {
        self.loop = loop
        title = loop.title
        self.subject = subject
        state = enrolment?.state ?? .notBegun
        by = enrolment?.by ?? ""
        since = enrolment?.at.rfc3339 ?? ""
        note = enrolment?.note ?? ""
        page = loop.page
        todo = state == .active ? "" : loop.todo
    }
}

/// Everything of ours that could take part, and how far it has come.
package struct ListEnrolments: AdministrativeOperation {
    package static let name = "enrolments.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [EnrolmentView] {
        let desk = try await ReputationDesk(administration)
        return FeedbackLoop.allCases.flatMap { loop in
            ListEnrolments.subjects(loop, desk).map { EnrolmentView(loop, $0, desk.directory.enrolments[FeedbackEnrolment.key(loop, $0)]) }
        }
    }

    static func subjects(_ loop: FeedbackLoop, _ desk: ReputationDesk) -> [String] {
        if loop.isByAddress { return desk.plan.addresses.map(\.address.description) }
        let signing = desk.directory.dkimKeys.keys.sorted { $0.text < $1.text }
        return loop == .yahoo ? signing.map(\.text) : desk.plan.domains.map(\.text)
    }
}

/// Says how far it has come.
package struct SetEnrolment: AdministrativeOperation {
    package static let name = "enrolments.set"
    package static let scope = AccessScope.routesWrite
    package var loop: FeedbackLoop
    package var subject: String
    package var state: FeedbackEnrolment.State
    /// At most 500 octets.
    package var note: String?

    package init(loop: FeedbackLoop, subject: String, state: FeedbackEnrolment.State, note: String? = nil) {
        self.loop = loop
        self.subject = subject
        self.state = state
        self.note = note
    }

    private static let noteBytesMax = 500

    package func perform(in administration: Administration, _ act: Act) async throws -> EnrolmentView {
        let desk = try await ReputationDesk(administration)
        let wanted = subject.lowercased()
        guard let subject = ListEnrolments.subjects(loop, desk).first(where: { $0.lowercased() == wanted }) else {
            throw AdministrationError(
                .notFound, "\(subject) is none of our \(loop.isByAddress ? "addresses" : "domains")",
                "`postern reputation enrolments` shows them.")
        }
        guard (note ?? "").utf8.count <= SetEnrolment.noteBytesMax else {
            throw AdministrationError(.invalid, "a note has up to \(SetEnrolment.noteBytesMax) octets")
        }
        let enrolment = FeedbackEnrolment(loop: loop, subject: subject, state: state, by: act.actor, at: act.at, note: note ?? "")
        try await administration.put(
            .feedbackLoop, name: enrolment.key, enrolment, entry: act.entry("enrolment.\(state.rawValue)", target: enrolment.key))
        return EnrolmentView(loop, subject, enrolment)
    }
}
