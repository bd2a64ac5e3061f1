import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy

/// Alerts: the decisions are `Incident`'s, made here on the row that all nodes share.
extension StoreWriter {
    /// Open incidents of one kind; what comes beyond is one incident of `others`.
    private static var openMax: Int { 1000 }

    func alert(_ work: AlertWork) throws -> AlertWorkResult {
        switch work {
        case .report(let reports, let ids, let rules, let at):
            precondition(reports.count == ids.count, "each report comes with a number")
            let now = try connection.clock(at)
            var notices = 0
            for (report, id) in zip(reports, ids) { notices += try self.report(report, id: id, rules, at: now) }
            return .reported(notices: notices)
        case .act(let act): return try self.act(act)
        case .claim(let claim): return .claimed(try self.claim(claim))
        case .conclude(let conclusion): return .concluded(try conclude(conclusion))
        case .tidy(let rules, let keepSince, let limit, let at):
            return .tidied(try tidy(rules, keepSince: keepSince, limit: limit, at: connection.clock(at)))
        }
    }

    // MARK: Reports

    private func report(_ report: AlertReport, id: String, _ rules: AlertRules, at now: Timestamp) throws -> Int {
        let policy = rules.policy(report.key.kind)
        guard policy.isOn else { return 0 }
        var report = report
        var found = try newest(report.key).flatMap { $0.takes(report, policy: policy, at: now) ? $0 : nil }
        if found == nil, !report.isOver, try countOpen(report.key.kind) >= StoreWriter.openMax {
            report.joinOthers()
            found = try newest(report.key).flatMap { $0.takes(report, policy: policy, at: now) ? $0 : nil }
        }
        guard var incident = found ?? Incident(report, id: id) else { return 0 }
        let orders = incident.reported(report, policy: policy, noticesToday: try countNotices(report.key.kind, at: now), at: now)
        try put(incident)
        return try orders.reduce(0) { try $0 + insert($1, of: incident, channels: rules.channels(incident.kind), at: now) }
    }

    private func insert(_ order: NoticeOrder, of incident: Incident, channels: [NoticeChannel], at now: Timestamp) throws -> Int {
        switch order {
        case .people(let number, let dueAt):
            return try channels.reduce(0) {
                try $0 + insert($1, occasion: "\(incident.id)/\(number)", of: incident, text: "", dueAt: dueAt, at: now)
            }
        case .sender(let word):
            return try insert(
                .sender(word.word.address), occasion: "\(word.word.occasion)/\(word.stage)", of: incident, text: word.word.text, dueAt: now,
                at: now)
        }
    }

    private func insert(
        _ channel: NoticeChannel, occasion: String, of incident: Incident, text: String, dueAt: Timestamp, at now: Timestamp
    ) throws -> Int {
        try prepare(AlertStatements.insertNotice).bind(channel.description).bind(occasion).bind(incident.id).bind(incident.kind.rawValue)
            .bind(now.day).bind(text).bind(now.milliseconds).bind(dueAt.milliseconds).run()
    }

    private func newest(_ key: AlertReport.Key) throws -> Incident? {
        let statement = try prepare(AlertStatements.newest).bind(key.kind.rawValue).bind(key.subject).bind(key.tenant.value)
        defer { statement.end() }
        return try statement.step() ? IncidentCoding.incident(statement.readText()) : nil
    }

    private func countOpen(_ kind: AlertKind) throws -> Int {
        let statement = try prepare(AlertStatements.countOpen).bind(kind.rawValue)
        defer { statement.end() }
        return try statement.step() ? statement.readInt() : 0
    }

    private func countNotices(_ kind: AlertKind, at now: Timestamp) throws -> Int {
        let statement = try prepare(AlertStatements.countNotices).bind(kind.rawValue).bind(now.day)
        defer { statement.end() }
        return try statement.step() ? statement.readInt() : 0
    }

    private func put(_ incident: Incident) throws {
        try prepare(AlertStatements.put).bind(incident.id).bind(incident.tenant.value).bind(incident.kind.rawValue)
            .bind(incident.subject).bind(incident.firstAt.milliseconds).bind(incident.lastAt.milliseconds)
            .bind(incident.state != .resolved).bind(try IncidentCoding.text(incident)).run()
    }

    // MARK: People and time

    private func act(_ act: AlertAct) throws -> AlertWorkResult {
        guard var incident = try StoreReads.incident(connection, act.id) else { return .acted(nil, changed: false) }
        let (actor, reason) = (act.audit.actor, act.audit.reason)
        let now = try connection.clock(act.audit.at)
        let isChanged =
            switch act.verb {
            case .acknowledge: incident.acknowledged(by: actor, reason: reason, at: now)
            case .resolve: incident.resolved(by: actor, reason: reason, at: now)
            }
        guard isChanged else { return .acted(incident, changed: false) }
        try put(incident)
        try audit(act.audit)
        return .acted(incident, changed: true)
    }

    private func tidy(_ rules: AlertRules, keepSince: Timestamp, limit: Int, at now: Timestamp) throws -> Int {
        var count = 0
        let open = try prepare(AlertStatements.open).bind((now - .seconds(60)).milliseconds).bind(limit)
        var incidents: [Incident] = []
        while try open.step() { incidents.append(try IncidentCoding.incident(open.readText())) }
        for var incident in incidents where incident.timePassed(rules.policy(incident.kind), at: now) {
            try put(incident)
            count += 1
        }
        let old = try prepare(AlertStatements.old).bind(keepSince.milliseconds).bind(limit)
        var ids: [String] = []
        while try old.step() { ids.append(old.readText()) }
        for id in ids {
            try prepare(AlertStatements.dropNotices).bind(id).run()
            try prepare(AlertStatements.drop).bind(id).run()
        }
        return count + ids.count
    }

    // MARK: Notices

    private func claim(_ claim: NoticeClaim) throws -> [AlertNotice] {
        let now = try connection.clock(claim.at)
        let rows = try prepare(AlertStatements.claimNotices(dialect)).bind(claim.owner).bind((now + claim.lease).milliseconds)
            .bind(now.milliseconds).bind(claim.limit)
        var taken: [(channel: String, occasion: String, alert: String, text: String, madeAt: Timestamp, attempts: Int)] = []
        while try rows.step() {
            taken.append(
                (
                    rows.readText(), rows.readText(), rows.readText(), rows.readText(), Timestamp(milliseconds: rows.readInt64()),
                    rows.readInt()
                ))
        }
        return try taken.map { row in
            guard let channel = NoticeChannel(row.channel) else { throw RowText.damaged("channel", row.channel) }
            guard let incident = try StoreReads.incident(connection, row.alert) else {
                throw RowText.damaged("alert of a notice", row.alert)
            }
            return AlertNotice(
                channel: channel, occasion: row.occasion, incident: incident, text: row.text, madeAt: row.madeAt, attempts: row.attempts)
        }
    }

    /// The mail comes to the queue with the end of its notice, or not at all.
    private func conclude(_ conclusion: NoticeConclusion) throws -> Bool {
        let now = try connection.clock(conclusion.at)
        let (channel, occasion, owner) = (conclusion.channel.description, conclusion.occasion, conclusion.owner)
        func end(_ text: String) throws -> Bool {
            try prepare(AlertStatements.endNotice).bind(now.milliseconds).bind(text).bind(channel).bind(occasion).bind(owner).run() == 1
        }
        switch conclusion.outcome {
        case .sent: return try end("sent")
        case .givenUp(let reason): return try end(reason)
        case .retry(let at, let reason):
            return try prepare(AlertStatements.putOffNotice).bind(at.milliseconds).bind(reason).bind(channel).bind(occasion)
                .bind(owner).run() == 1
        case .mailed(let message):
            guard try end("sent") else { return false }
            try accept(message)
            return true
        }
    }
}

extension StoreReads {
    static func incident(_ connection: some StoreConnection, _ id: String) throws -> Incident? {
        let statement = try connection.prepare(AlertStatements.byID).begin().bind(id)
        defer { statement.end() }
        return try statement.step() ? IncidentCoding.incident(statement.readText()) : nil
    }

    /// The notices only where one is asked for by its number.
    static func alerts(_ connection: some StoreConnection, _ query: AlertQuery) throws -> [AlertRow] {
        if let id = query.id {
            return try incident(connection, id).map { [AlertRow(incident: $0, notices: try notices(connection, of: id))] } ?? []
        }
        let statement = try connection.prepare(AlertStatements.page(openOnly: query.isOpenOnly)).begin()
            .bind(query.before?.lastAt.milliseconds ?? Int64.max).bind(query.before?.id ?? "").bind(min(max(query.limit, 1), 10_000))
        var rows: [AlertRow] = []
        while try statement.step() { rows.append(AlertRow(incident: try IncidentCoding.incident(statement.readText()), notices: [])) }
        return rows
    }

    private static func notices(_ connection: some StoreConnection, of id: String) throws -> [NoticeRow] {
        let statement = try connection.prepare(AlertStatements.noticesOfAlert).begin().bind(id)
        var rows: [NoticeRow] = []
        while try statement.step() {
            rows.append(
                NoticeRow(
                    channel: statement.readText(), occasion: statement.readText(), dueAt: Timestamp(milliseconds: statement.readInt64()),
                    attempts: statement.readInt(), doneAt: statement.readOptionalInt64().map(Timestamp.init(milliseconds:)),
                    outcome: statement.readText()))
        }
        return rows
    }

    static func nextNotice(_ connection: some StoreConnection) throws -> Timestamp? {
        let statement = try connection.prepare(AlertStatements.nextNotice).begin()
        defer { statement.end() }
        return try statement.step() ? statement.readOptionalInt64().map(Timestamp.init(milliseconds:)) : nil
    }
}

/// Incidents as they stand in their column.
enum IncidentCoding {
    static func text(_ incident: Incident) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(incident), as: UTF8.self)
    }

    static func incident(_ text: String) throws -> Incident {
        do {
            return try JSONDecoder().decode(Incident.self, from: Data(text.utf8))
        } catch {
            throw RowText.damaged("alert", text)
        }
    }
}

extension AlertWork {
    /// Nodes that report at the same time do so one after the other; a claim passes over what others are taking.
    var lockName: String? {
        switch self {
        case .report, .act, .tidy: "alerts"
        case .claim, .conclude: nil
        }
    }
}
