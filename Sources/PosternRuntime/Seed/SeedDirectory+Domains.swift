import DomainHealth
import MailModel
import OutboundPolicy
import Storage

/// What receivers found about the domain, twice, and what they reported of mail in its name and of TLS towards it.
extension SeedDirectory {
    private static let reportDays = 45
    /// Before it the domain had no DMARC record.
    private static let mendedDaysAgo: Int64 = 9

    func fillDomains() async throws {
        let look = DomainLook(administration: administration)
        let (plan, _) = try await look.plan(SeedCast.organisation)
        for (daysAgo, zone) in [(SeedDirectory.mendedDaysAgo + 5, SeedZone()), (SeedDirectory.mendedDaysAgo, SeedZone(hasDMARC: true))] {
            let time = now - .seconds(86_400 * daysAgo)
            let facts = await DomainSurveyor(resolver: zone, fetcher: nil, validates: false).facts(plan)
            try await look.keep(DomainCheck.report(facts, at: time), of: SeedCast.organisation, at: time)
        }
        for back in 1...SeedDirectory.reportDays {
            for report in reports(daysAgo: back) {
                _ = try await administration.store.perform(.domain(.keepReport(report, dayMax: 1000)))
            }
        }
    }

    /// Of one day: each receiver saw the gate itself, an agency that signs for the domain, and a forger whom DMARC stops once there is a record.
    private func reports(daysAgo back: Int) -> [KeptReport] {
        let begin = Timestamp(seconds: (Int64(now.day) - Int64(back)) * 86_400)
        let isMended = back < Int(SeedDirectory.mendedDaysAgo)
        let aggregate = ["google.com", "Enterprise Outlook", "Yahoo", "GMX"].enumerated().map { place, organization in
            let size = [900, 640, 120, 260][place] + (back * 37 + place * 11) % 90
            let stopped = isMended ? (place.isMultiple(of: 2) ? "reject" : "quarantine") : "none"
            return report(
                .aggregate, organization, begin,
                [
                    row("192.0.2.10", size, passes: true), row("198.51.100.40", size / 6, passes: true, isForwarded: true),
                    row("203.0.113.66", 8 + (back * 13 + place * 5) % 40, passes: false, result: stopped),
                ])
        }
        // One host's certificate had run out for two days.
        let failed = back == 3 || back == 4 ? 60 + back : 0
        let host = "mail.\(SeedCast.organisation)"
        let sessions = [
            KeptReport.Row(source: host, about: "sts", result: "", passes: true, total: 700 + back * 17 % 120),
            KeptReport.Row(source: host, about: "sts", result: "certificate-expired", passes: false, total: failed),
        ]
        return aggregate + [report(.tls, "Google Inc.", begin, sessions.filter { $0.total > 0 })]
    }

    private func row(_ source: String, _ total: Int, passes: Bool, isForwarded: Bool = false, result: String = "none") -> KeptReport.Row {
        KeptReport.Row(
            source: source, about: SeedCast.organisation.text, result: result, dkim: passes, spf: passes && !isForwarded, passes: passes,
            total: total)
    }

    private func report(_ kind: KeptReport.Kind, _ organization: String, _ begin: Timestamp, _ rows: [KeptReport.Row]) -> KeptReport {
        KeptReport(
            id: "seed-\(kind.rawValue)-\(organization.filter(\.isLetter).lowercased())-\(begin.day)", kind: kind,
            domain: SeedCast.organisation, organization: organization, reportID: "\(begin.seconds).\(organization.count)", begin: begin,
            end: begin + .seconds(86_399), receivedAt: begin + .seconds(90_000), way: "listener", rows: rows)
    }
}

/// The made-up organisation's DNS.
private struct SeedZone: DNSResolver {
    var hasDMARC = false

    private static let ttlSeconds = 3600

    private func answer<Record>(_ records: [Record], nameExists: Bool = true) -> DNSAnswer<Record> {
        records.isEmpty
            ? .noRecords(nameExists: nameExists, isSecure: false, ttlSeconds: SeedZone.ttlSeconds)
            : .records(records, isSecure: false, ttlSeconds: SeedZone.ttlSeconds)
    }

    func mx(_ name: DomainName) async -> DNSAnswer<MXRecord> {
        guard name == SeedCast.organisation else { return answer([]) }
        return answer([MXRecord(preference: 10, exchange: SeedCast.domain("mail.northwind.test"))])
    }

    func addresses(_ name: DomainName) async -> DNSAnswer<IPAddress> {
        answer(name.text == "mail.northwind.test" ? [.v4(0xC000_020A)] : [])
    }

    func txt(_ name: DomainName) async -> DNSAnswer<String> {
        switch name.text {
        case "northwind.test": answer(["v=spf1 ip4:192.0.2.10 ip4:192.0.2.11 ~all"])
        case "_dmarc.northwind.test" where hasDMARC:
            answer(["v=DMARC1; p=quarantine; rua=mailto:dmarc@northwind.test"])
        case "_smtp._tls.northwind.test": answer(["v=TLSRPTv1; rua=mailto:tls@northwind.test"])
        default: answer([], nameExists: false)
        }
    }

    func names(of address: IPAddress) async -> DNSAnswer<DomainName> { answer([SeedCast.domain("mail.northwind.test")]) }

    func records(_ kind: DNSRecordKind, of name: DomainName) async -> DNSAnswer<[UInt8]> {
        answer(kind == .authority && name == SeedCast.organisation ? [[0]] : [])
    }
}
