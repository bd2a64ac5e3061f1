import DeliveryPlanning
import MailAuthentication
import MailModel

/// MX, MTA-STS, TLS-RPT, DANE, DNSSEC and BIMI.
struct TransportFindings {
    let facts: DomainFacts

    private var mx: [MXRecord] {
        if case .records(let records, _, _) = facts.mx { records } else { [] }
    }
    var hasNullMX: Bool { mx.contains { $0.exchange == nil } }

    private var policy: MTASTSPolicy? { try? facts.policy?.get() }

    var hosts: [DomainReport.Host] {
        mx.compactMap { record in
            guard let host = record.exchange else { return nil }
            let known = facts.hosts[host]
            return DomainReport.Host(
                host: host.text, preference: record.preference, addresses: (known?.addresses.list ?? []).map(\.description),
                tlsa: (known?.tlsa.list ?? []).map(\.kind), isNamed: policy.map { $0.names(host.text) })
        }
    }

    var part: DomainReport.Transport {
        DomainReport.Transport(
            mtaSTS: policy?.mode.rawValue, tlsReports: TLSReportAddress.read(facts.tlsReports).map(Self.text), dane: dane, dnssec: dnssec,
            bimi: (facts.bimi.list ?? []).first { $0.lowercased().hasPrefix("v=bimi1") } ?? "")
    }

    private static func text(_ address: TLSReportAddress) -> String {
        switch address {
        case .mail(let mailbox): "mailto:\(mailbox)"
        case .web(let url): url
        }
    }

    private var dane: String {
        let answers = facts.hosts.values.map(\.tlsa)
        let records = answers.flatMap { $0.list ?? [] }
        guard !records.isEmpty else { return "none" }
        guard records.contains(where: \.isUsable) else { return "unusable" }
        guard facts.validates else { return "used" }
        let isSecure = answers.contains { if case .records(_, isSecure: true, _) = $0 { true } else { false } }
        return isSecure && facts.mx.isSecure ? "used" : "insecure"
    }

    /// `signed`: the zone has keys and the one above vouches for them, which nobody proved here.
    private var dnssec: String {
        if facts.authority.isBogus || facts.mx.isBogus { return "broken" }
        if facts.validates { return facts.authority.isSecure ? "secure" : "unsigned" }
        switch (facts.zoneKeys.list, facts.delegationSigners.list) {
        case (_?, _?): return "signed"
        case (nil, nil) where facts.zoneKeys.isSilent: return "unknown"
        case (nil, _): return "unsigned"
        case (_?, nil): return facts.delegationSigners.isSilent ? "unknown" : "unsigned"
        }
    }

    var findings: [HealthFinding] { mailHosts + strict + tlsReport + tlsa + proof + picture }

    // MARK: - MX

    private var mailHosts: [HealthFinding] {
        let why =
            "Outlook.com wants From and Reply-To to take replies; Yahoo asks DNS whether the domain exists. Without MX, bounces come to nobody."
        switch facts.mx {
        case .failure:
            return [
                HealthFinding(
                    "mx.unanswered", .warning, "DNS gave no answer for the MX records of \(facts.domain).",
                    why: "Receivers that ask whether the sender exists defer your mail.")
            ]
        case .noRecords:
            let hasAddress = facts.addresses.list != nil
            return [
                HealthFinding(
                    "mx.missing", hasAddress ? .warning : .error,
                    hasAddress
                        ? "\(facts.domain) has no MX record; mail for it goes to its address record."
                        : "\(facts.domain) has no MX record and no address: it cannot receive mail.",
                    why: why, records: [HealthFinding.Record(facts.domain.text, "MX", "10 mail.\(facts.domain).")],
                    refusedBy: hasAddress ? [] : ["yahoo", "outlook"])
            ]
        case .records:
            if hasNullMX {
                return [
                    HealthFinding(
                        "mx.null", .error, "\(facts.domain) has a null MX: it says that it never receives mail (RFC 7505).",
                        why: why + " RFC 7505 §4.2 lets receivers refuse mail from such a domain.",
                        records: [HealthFinding.Record(facts.domain.text, "MX", "10 mail.\(facts.domain).")], refusedBy: ["outlook"])
                ]
            }
            return hosts.filter { host in
                host.addresses.isEmpty && DomainName(host.host).flatMap { facts.hosts[$0] }?.addresses.isSilent != true
            }
            .map {
                HealthFinding(
                    "mx.address", .error, "The mail host \($0.host) of \(facts.domain) has no address.", why: why, subject: $0.host)
            }
        }
    }

    // MARK: - MTA-STS and TLS-RPT

    private var identifier: String { "1" }

    private var strict: [HealthFinding] {
        guard !mx.isEmpty, !hasNullMX else { return [] }
        let why =
            "With it, others deliver to you under TLS that nobody in between can take away (RFC 8461). Gmail and Outlook.com follow it."
        let lines = ["version: STSv1", "mode: testing"] + hosts.map { "mx: \($0.host)" } + ["max_age: 604800"]
        let file = "Serve this at https://mta-sts.\(facts.domain)/.well-known/mta-sts.txt: " + lines.joined(separator: " / ")
        let records = [HealthFinding.Record("_mta-sts.\(facts.domain)", "TXT", "v=STSv1; id=\(identifier)")]
        switch MTASTSRecord(facts.mtaSTS) {
        case .unknown: return []
        case .missing:
            return [
                HealthFinding("mta-sts.missing", .advice, "\(facts.domain) has no MTA-STS policy.", why: "\(why) \(file)", records: records)
            ]
        case .announced:
            guard let result = facts.policy else { return [] }
            switch result {
            case .failure(let fault):
                return [
                    HealthFinding(
                        "mta-sts.policy", .error, "\(facts.domain) announces an MTA-STS policy that cannot be had: \(fault.text).",
                        why: "Senders that know an older policy hold mail back. \(file)")
                ]
            case .success(let policy):
                var found = hosts.filter { policy.mode != .none && $0.isNamed == false }.map { host in
                    HealthFinding(
                        "mta-sts.host", policy.mode == .enforce ? .error : .warning,
                        "The MTA-STS policy of \(facts.domain) does not name its mail host \(host.host).",
                        why: "In mode enforce, senders never deliver to it.", subject: host.host)
                }
                if policy.mode == .testing {
                    found.append(
                        HealthFinding(
                            "mta-sts.testing", .advice, "The MTA-STS policy of \(facts.domain) is in mode testing.",
                            why: "Go on to enforce once TLS reports show nothing wrong."))
                }
                return found
            }
        }
    }

    private var tlsReport: [HealthFinding] {
        guard !mx.isEmpty, !hasNullMX, !facts.tlsReports.isSilent, TLSReportAddress.read(facts.tlsReports).isEmpty else { return [] }
        return [
            HealthFinding(
                "tls-rpt.missing", .advice, "\(facts.domain) asks for no reports on TLS.",
                why: "They tell of deliveries to you that failed (RFC 8460).",
                records: [HealthFinding.Record("_smtp._tls.\(facts.domain)", "TXT", "v=TLSRPTv1; rua=mailto:\(reportAddress)")])
        ]
    }

    private var reportAddress: String { facts.own?.reportAddress.map(\.description) ?? "tls-reports@\(facts.domain)" }

    // MARK: - DANE and DNSSEC

    private var tlsa: [HealthFinding] {
        switch dane {
        case "unusable":
            return [
                HealthFinding(
                    "dane.unusable", .error, "The TLSA records of \(facts.domain)'s mail hosts cannot be used (RFC 7672: usage 2 or 3).",
                    why: "Senders with DANE then take any certificate, which is not what you want.",
                    records: hosts.map { HealthFinding.Record("_25._tcp.\($0.host)", "TLSA", "3 1 1 SHA-256-OF-THE-HOST'S-PUBLIC-KEY") })
            ]
        case "insecure":
            return [
                HealthFinding(
                    "dane.insecure", .warning, "There are TLSA records, but the way to them is not secure by DNSSEC.",
                    why: "Without DNSSEC for the domain and its mail hosts they have no effect.")
            ]
        case "none" where dnssec == "secure" && !hosts.isEmpty:
            return [
                HealthFinding(
                    "dane.missing", .advice, "\(facts.domain) is signed, and its mail hosts have no TLSA records.",
                    why: "DANE proves your hosts to senders without any authority (RFC 7672); some public receivers and senders want it.",
                    records: hosts.map { HealthFinding.Record("_25._tcp.\($0.host)", "TLSA", "3 1 1 SHA-256-OF-THE-HOST'S-PUBLIC-KEY") })
            ]
        default: return []
        }
    }

    private var proof: [HealthFinding] {
        switch dnssec {
        case "broken":
            return [
                HealthFinding(
                    "dnssec.broken", .error, "DNSSEC of \(facts.domain) is broken: answers do not fit their signatures.",
                    why:
                        "Resolvers that validate, Google's and Cloudflare's among them, give no answer for it at all: your mail cannot be authenticated.",
                    refusedBy: HealthFinding.bigThree)
            ]
        case "unsigned":
            return [
                HealthFinding(
                    "dnssec.unsigned", .advice, "\(facts.domain) is not signed by DNSSEC.",
                    why: "Without it, who can change DNS answers on their way can change SPF, DKIM and DMARC; DANE needs it.")
            ]
        default: return []
        }
    }

    // MARK: - BIMI

    private var picture: [HealthFinding] {
        let record = part.bimi
        guard !record.isEmpty else { return [] }
        guard let ruling = DMARCFindings(facts: facts).ruling, ruling.effective != .none else {
            return [
                HealthFinding(
                    "bimi.dmarc", .warning, "\(facts.domain) has a BIMI record, but DMARC without quarantine or reject.",
                    why: "Gmail, Yahoo and Apple show no logo then.")
            ]
        }
        let fields = BIMIRecordText.fields(record)
        guard let logo = fields["l"], logo.isEmpty || logo.lowercased().hasPrefix("https://") else {
            return [
                HealthFinding(
                    "bimi.logo", .warning, "The BIMI record of \(facts.domain) names no logo by https.", why: "It then shows nothing.")
            ]
        }
        guard fields["a"]?.isEmpty == false || logo.isEmpty else {
            return [
                HealthFinding(
                    "bimi.certificate", .advice, "The BIMI record of \(facts.domain) names no mark certificate (a=).",
                    why: "Gmail and Apple show a logo only with one; Yahoo without.")
            ]
        }
        return []
    }
}

/// `v=BIMI1; l=…; a=…`.
enum BIMIRecordText {
    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.filter { $0 != " " && $0 != "\t" }
            }
            if pair.count == 2, fields[pair[0].lowercased()] == nil { fields[pair[0].lowercased()] = pair[1] }
        }
        return fields
    }
}

extension DNSAnswer {
    /// Nil where there are none, or DNS did not say.
    var list: [Record]? {
        if case .records(let records, _, _) = self { records } else { nil }
    }

    var isSilent: Bool {
        if case .failure = self { true } else { false }
    }

    var isBogus: Bool {
        if case .failure(_, isBogus: true) = self { true } else { false }
    }

    var isSecure: Bool {
        switch self {
        case .records(_, let isSecure, _), .noRecords(_, let isSecure, _): isSecure
        case .failure: false
        }
    }
}
