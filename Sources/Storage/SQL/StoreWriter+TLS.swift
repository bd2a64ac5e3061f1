import DeliveryPlanning
import Foundation
import MailModel

/// What is known of the TLS of others.
extension StoreWriter {
    func tls(_ work: TLSWork) throws -> StoreWorkResult {
        switch work {
        case .keepPolicy(let domain, let memory):
            try prepare(TLSStatements.keepPolicy).bind(domain.text).bind(memory.expiresAt.milliseconds)
                .bind(try TLSRows.text(memory)).send()
        case .sawHosts(let hosts):
            // In order of names: two nodes that see the same hosts do not wait for each other in a circle.
            for (host, time) in hosts.sorted(by: { $0.key < $1.key }) {
                try prepare(TLSStatements.sawHost).bind(host).bind(time.milliseconds).send()
            }
        case .count(let counts):
            var rows: [(day: Int32, domain: String, kind: String, total: Int)] = []
            for count in counts { rows.append((count.day, count.domain.text, try TLSRows.text(count.kind), count.total)) }
            rows.sort { ($0.day, $0.domain, $0.kind) < ($1.day, $1.domain, $1.kind) }
            for row in rows { try prepare(TLSStatements.count).bind(row.day).bind(row.domain).bind(row.kind).bind(row.total).send() }
        case .report(let day, let domain, let outcome, let time, let mail):
            let isNew = try prepare(TLSStatements.report).bind(day).bind(domain.text).bind(time.milliseconds).bind(outcome).run() == 1
            if isNew, let mail { try accept(mail) }
            return .affected(isNew ? 1 : 0)
        case .tidy(let day, let time, let limit):
            try prepare(TLSStatements.dropCounts).bind(day).send()
            try prepare(TLSStatements.dropReports).bind(day).send()
            try prepare(TLSStatements.dropPolicies(dialect)).bind(time.milliseconds).bind(limit).send()
            try prepare(TLSStatements.dropHosts(dialect)).bind(time.milliseconds).bind(limit).send()
        }
        return .done
    }
}

extension StoreReads {
    static func mtaSTS(_ connection: some StoreConnection, _ domain: DomainName) throws -> MTASTSMemory? {
        let statement = try connection.prepare(TLSStatements.policy).begin().bind(domain.text)
        defer { statement.end() }
        return try statement.step() ? try TLSRows.value(statement.readText(), "MTA-STS policy") : nil
    }

    static func mtaSTSEnding(_ connection: some StoreConnection, after start: Timestamp, before end: Timestamp, limit: Int) throws
        -> [DomainName]
    {
        let statement = try connection.prepare(TLSStatements.endingPolicies).begin().bind(start.milliseconds).bind(end.milliseconds)
            .bind(limit)
        var domains: [DomainName] = []
        while try statement.step() {
            let text = statement.readText()
            guard let domain = DomainName(text) else { throw RowText.damaged("domain", text) }
            domains.append(domain)
        }
        return domains
    }

    static func verifiedTLS(_ connection: some StoreConnection, _ host: String) throws -> Timestamp? {
        let statement = try connection.prepare(TLSStatements.host).begin().bind(host)
        defer { statement.end() }
        return try statement.step() ? Timestamp(milliseconds: statement.readInt64()) : nil
    }

    static func tlsSessions(_ connection: some StoreConnection, day: Int32, domain: DomainName?, limit: Int) throws -> [TLSSessionCount] {
        let statement = try connection.prepare(TLSStatements.sessions).begin().bind(day).bind(domain?.text ?? "").bind(limit)
        var counts: [TLSSessionCount] = []
        while try statement.step() {
            let text = statement.readText()
            guard let domain = DomainName(text) else { throw RowText.damaged("domain", text) }
            let kind: TLSSessionKind = try TLSRows.value(statement.readText(), "kind of TLS session")
            counts.append(TLSSessionCount(day: day, domain: domain, kind: kind, total: Int(statement.readInt64())))
        }
        return counts
    }

    static func tlsReports(_ connection: some StoreConnection, day: Int32, limit: Int) throws -> [DomainName: String] {
        let statement = try connection.prepare(TLSStatements.reports).begin().bind(day).bind(limit)
        var reports: [DomainName: String] = [:]
        while try statement.step() {
            let text = statement.readText()
            guard let domain = DomainName(text) else { throw RowText.damaged("domain", text) }
            _ = statement.readInt64()
            reports[domain] = statement.readText()
        }
        return reports
    }
}

/// Rows whose values are JSON, with keys in order so that equal values have equal texts.
private enum TLSRows {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String, _ what: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw RowText.damaged(what, text)
        }
    }
}
