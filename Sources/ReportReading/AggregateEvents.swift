import ContentReading
import MailModel

extension AggregateReport {
    static func read(_ octets: [UInt8]) -> Swift.Result<AggregateReport, ReportFault> {
        let reading = AggregateReading()
        let broken = XMLReader.read(
            octets,
            XMLReader.Events(
                opened: { name, values in
                    reading.events.opened(name, isNewForm: values.contains("urn:ietf:params:xml:ns:dmarc-2.0"))
                    return reading.events.fault == nil
                },
                closed: {
                    reading.events.closed()
                    return reading.events.fault == nil
                },
                text: { reading.events.text($0) }))
        if let fault = reading.events.fault ?? broken.map(ReportFault.init) { return .failure(fault) }
        return reading.events.report()
    }
}

/// What the three events share.
private final class AggregateReading {
    var events = AggregateEvents()
}

/// Makes an aggregate report of the elements of its XML, in whatever order they come. Elements that nobody knows are passed over.
struct AggregateEvents {
    /// Set where the reading has to end.
    var fault: ReportFault?

    private var found = AggregateReport()
    private var path: [String] = []
    private var text: [UInt8] = []
    private var fields: [String: String] = [:]
    private var reasons: [String] = []
    private var dkim: [AggregateReport.Result] = []
    private var spf: [AggregateReport.Result] = []
    private var result = AggregateReport.Result()

    mutating func opened(_ name: String, isNewForm: Bool) {
        // `ns:feedback` is `feedback`.
        let name = String(name.split(separator: ":").last ?? "").lowercased()
        if path.isEmpty {
            guard name == "feedback" else { return refuse("its XML is \"\(name.prefix(50))\" and no report of DMARC") }
            found.isNewForm = isNewForm
        }
        guard path.count < ReportLimits.depthMax else { return refuse("its elements are nested too deep") }
        path.append(name)
        text = []
        switch place {
        case "record": (fields, reasons, dkim, spf) = ([:], [], [], [])
        case "record/auth_results/dkim", "record/auth_results/spf": result = AggregateReport.Result()
        default: break
        }
    }

    private mutating func refuse(_ reason: String) { fault = ReportFault(reason) }

    mutating func text(_ octets: UnsafeBufferPointer<UInt8>) {
        text += octets.prefix(ReportLimits.textBytesMax - text.count)
    }

    mutating func closed() {
        guard !path.isEmpty else { return }
        take(place, value)
        path.removeLast()
        text = []
    }

    /// Below the root.
    private var place: String { path.dropFirst().joined(separator: "/") }

    private var value: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }

    private mutating func take(_ place: String, _ value: String) {
        switch place {
        case "report_metadata/org_name": found.organization = value
        case "report_metadata/email": found.contact = value
        case "report_metadata/report_id": found.id = value
        case "report_metadata/date_range/begin": found.begin = AggregateEvents.time(value) ?? found.begin
        case "report_metadata/date_range/end": found.end = AggregateEvents.time(value) ?? found.end
        case "policy_published/domain": found.published.domain = value.lowercased()
        case "policy_published/p": found.published.policy = value.lowercased()
        case "policy_published/sp": found.published.subdomainPolicy = value.lowercased()
        case "policy_published/np": found.published.absentPolicy = value.lowercased()
        case "policy_published/adkim": found.published.dkimAlignment = value.lowercased()
        case "policy_published/aspf": found.published.spfAlignment = value.lowercased()
        case "policy_published/pct": found.published.percent = value
        case "policy_published/testing": found.published.testing = value.lowercased()
        case "policy_published/discovery_method": found.published.discovery = value.lowercased()
        case "record": addRecord()
        case "record/auth_results/dkim": if dkim.count < ReportLimits.resultsMax { dkim.append(result) }
        case "record/auth_results/spf": if spf.count < ReportLimits.resultsMax { spf.append(result) }
        case "record/row/policy_evaluated/reason/type":
            if !value.isEmpty, reasons.count < ReportLimits.resultsMax { reasons.append(value.lowercased()) }
        default: takeOfRecord(value)
        }
    }

    private mutating func takeOfRecord(_ value: String) {
        guard path.count > 2, path[1] == "record", let name = path.last else { return }
        switch (path[2], path.count) {
        case ("auth_results", 5):
            switch name {
            case "domain": result.domain = value.lowercased()
            case "selector": result.selector = value
            case "scope": result.scope = value.lowercased()
            case "result": result.result = value.lowercased()
            default: break
            }
        // Drafts called them so.
        case ("identifiers", 4), ("identities", 4), ("row", 4): fields[name] = value
        case ("row", 5) where path[3] == "policy_evaluated": fields["evaluated/\(name)"] = value.lowercased()
        default: break
        }
    }

    private mutating func addRecord() {
        guard found.records.count < ReportLimits.recordsMax else {
            return refuse("it has more than \(ReportLimits.recordsMax) records")
        }
        guard let address = fields["source_ip"].flatMap({ IPAddress($0) }), let count = fields["count"].flatMap({ Int($0) }),
            (1...1_000_000_000).contains(count)
        else {
            found.skipped += 1
            return
        }
        var record = AggregateReport.Record(address: address, count: count)
        record.disposition = fields["evaluated/disposition"] ?? ""
        record.dkim = fields["evaluated/dkim"] == "pass"
        record.spf = fields["evaluated/spf"] == "pass"
        record.reasons = reasons
        record.headerFrom = (fields["header_from"] ?? "").lowercased()
        record.envelopeFrom = (fields["envelope_from"] ?? "").lowercased()
        record.envelopeTo = (fields["envelope_to"] ?? "").lowercased()
        (record.dkimResults, record.spfResults) = (dkim, spf)
        found.records.append(record)
    }

    /// Seconds since 1970, as far as the year 9999.
    private static func time(_ text: String) -> Timestamp? {
        guard let seconds = Int64(text), (0...253_402_300_799).contains(seconds) else { return nil }
        return Timestamp(milliseconds: seconds * 1_000)
    }

    /// What was read, where that is enough.
    func report() -> Result<AggregateReport, ReportFault> {
        guard !found.published.domain.isEmpty else { return .failure(ReportFault("it names no domain")) }
        guard !found.records.isEmpty || found.skipped == 0 else { return .failure(ReportFault("none of its records can be read")) }
        guard found.begin <= found.end else { return .failure(ReportFault("it ends before it begins")) }
        return .success(found)
    }
}
