import CUnbound
import Glibc
import MailModel

/// What libunbound said, copied out of its memory.
struct RawAnswer: Sendable {
    var records: [[UInt8]]
    var responseCode: Int
    var isNonexistent: Bool
    var isSecure: Bool
    var isBogus: Bool
    var reason: String?
    var ttlSeconds: Int
    /// What CNAME records led to; nil where there were none.
    var canonicalName: String?

    init(_ result: ub_result) {
        var records: [[UInt8]] = []
        if let data = result.data, let lengths = result.len {
            while records.count < DNSLimits.recordsMax, let item = data[records.count] {
                let bytes = UnsafeRawBufferPointer(start: item, count: max(0, Int(lengths[records.count])))
                records.append([UInt8](bytes))
            }
        }
        self.records = records
        responseCode = Int(result.rcode)
        isNonexistent = result.nxdomain != 0
        isSecure = result.secure != 0
        isBogus = result.bogus != 0
        reason = result.why_bogus.map { String(cString: $0) }
        ttlSeconds = max(0, Int(result.ttl))
        canonicalName = result.canonname.map { String(cString: $0) }
    }

    /// The answer with its records read by `read`; a record that does not fit its type is left out.
    func answer<Record>(_ read: (UnsafeRawBufferPointer) -> Record?) -> DNSAnswer<Record> {
        if isBogus {
            return .failure(reason: "DNSSEC validation failed: \(reason ?? "bogus answer")", isBogus: true)
        }
        guard responseCode == 0 || isNonexistent else {
            return .failure(reason: RawAnswer.words(forCode: responseCode), isBogus: false)
        }
        guard !records.isEmpty else {
            return .noRecords(nameExists: !isNonexistent, isSecure: isSecure, ttlSeconds: ttlSeconds)
        }
        let read = records.compactMap { $0.withUnsafeBytes(read) }
        guard !read.isEmpty else { return .failure(reason: "the records of the answer are malformed", isBogus: false) }
        return .records(read, isSecure: isSecure, ttlSeconds: ttlSeconds)
    }

    /// RFC 1035 §4.1.1.
    private static func words(forCode code: Int) -> String {
        switch code {
        case 1: "the DNS server says FORMERR"
        case 2: "the DNS server says SERVFAIL"
        case 4: "the DNS server says NOTIMP"
        case 5: "the DNS server says REFUSED"
        default: "the DNS server says code \(code)"
        }
    }
}

/// Joins the answers for A and AAAA of one name: records of one family are enough; a failure counts only where the other family has none.
func joined(_ first: DNSAnswer<IPAddress>, _ second: DNSAnswer<IPAddress>) -> DNSAnswer<IPAddress> {
    switch (first, second) {
    case (.records(let a, let aSecure, let aSeconds), .records(let b, let bSecure, let bSeconds)):
        .records(a + b, isSecure: aSecure && bSecure, ttlSeconds: min(aSeconds, bSeconds))
    // A forged answer for one family must not be hidden by a good one for the other.
    case (.failure(_, isBogus: true), _): first
    case (_, .failure(_, isBogus: true)): second
    case (.records, _): first
    case (_, .records): second
    case (.failure, _): first
    case (_, .failure): second
    case (.noRecords(let aExists, let aSecure, let aSeconds), .noRecords(let bExists, let bSecure, let bSeconds)):
        .noRecords(nameExists: aExists || bExists, isSecure: aSecure && bSecure, ttlSeconds: min(aSeconds, bSeconds))
    }
}
