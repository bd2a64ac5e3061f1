import InternetMessage

/// A report of others on mail that carries our name, or comes to us.
package enum ReceivedReport: Hashable, Sendable {
    /// DMARC, summed up: RFC 9990, RFC 7489, and the drafts before them.
    case aggregate(AggregateReport)
    /// DMARC, one message: RFC 9991, RFC 6591.
    case failure(FailureReport)
    /// RFC 8460.
    case tls(ReceivedTLSReport)
}

/// Reads reports as they come: as XML or JSON, in gzip or zip, or in a message. Any octets may be given; work and memory have bounds. It
/// blocks for as long as that takes: never on an event loop.
package enum ReportReader {
    package static func read(_ octets: [UInt8]) -> Result<ReceivedReport, ReportFault> {
        guard octets.count <= ReportLimits.bytesMax else {
            return .failure(ReportFault("it has more than \(ReportLimits.bytesMax) octets"))
        }
        switch ReportForm(octets) {
        case .mail: return message(octets)
        case .unknown: return .failure(ReportFault("it is neither XML, JSON, gzip, zip nor a message"))
        case let form: return document(octets, form)
        }
    }

    private static func document(_ octets: [UInt8], _ form: ReportForm) -> Result<ReceivedReport, ReportFault> {
        switch form {
        case .archive:
            return ReportArchive.expand(octets).flatMap { entries in
                first(entries) { entry in
                    let inner = ReportForm(entry)
                    // An archive within an archive is a trap, not a report.
                    guard inner == .xml || inner == .json else { return .failure(ReportFault("the archive holds neither XML nor JSON")) }
                    return document(entry, inner)
                }
            }
        case .xml: return AggregateReport.read(octets).map { .aggregate($0) }
        case .json: return ReceivedTLSReport.read(octets).map { .tls($0) }
        case .mail, .unknown: return .failure(ReportFault("it is no report"))
        }
    }

    private static func message(_ octets: [UInt8]) -> Result<ReceivedReport, ReportFault> {
        let limits = MIMELimits(partsMax: ReportLimits.partsMax, depthMax: 5, fieldsMax: 1_000)
        let parts = MIMETree.read(octets, limits: limits).parts
        if let part = parts.first(where: { $0.type == "message/feedback-report" }) {
            return FailureReport.read(part.encoding.decoded(octets, part.body, bytesMax: ReportLimits.textBytesMax * 10)).map {
                .failure($0)
            }
        }
        let candidates = parts.lazy.map { $0.encoding.decoded(octets, $0.body, bytesMax: ReportLimits.bytesMax) }
            .filter { [.archive, .xml, .json].contains(ReportForm($0)) }
        return first(candidates) { document($0, ReportForm($0)) }
    }

    /// The first that can be read; else what is wrong with the first.
    private static func first(
        _ candidates: some Sequence<[UInt8]>, _ read: ([UInt8]) -> Result<ReceivedReport, ReportFault>
    ) -> Result<ReceivedReport, ReportFault> {
        var fault: ReportFault?
        for candidate in candidates {
            switch read(candidate) {
            case .success(let report): return .success(report)
            case .failure(let found): fault = fault ?? found
            }
        }
        return .failure(fault ?? ReportFault("no report is in it"))
    }
}

/// What octets look like from their beginning, whatever their name says.
enum ReportForm: Hashable {
    case archive, xml, json, mail, unknown

    init(_ octets: [UInt8]) {
        if octets.starts(with: [0x1F, 0x8B]) || octets.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            self = .archive
            return
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        switch octets.dropFirst(octets.starts(with: mark) ? 3 : 0).first(where: { ![0x20, 0x09, 0x0D, 0x0A].contains($0) }) {
        case 0x3C: self = .xml
        case 0x7B: self = .json
        case .some where !MIMETree.read(Array(octets.prefix(4_096))).fields.isEmpty: self = .mail
        default: self = .unknown
        }
    }
}
