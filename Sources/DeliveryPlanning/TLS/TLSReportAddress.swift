package import MailModel

/// Where a domain wants its TLS reports (RFC 8460 §3).
package enum TLSReportAddress: Hashable, Sendable {
    case mail(EmailAddress)
    /// An `https` URL.
    case web(String)

    /// More than one are each sent to; of a long list the first.
    private static let countMax = 5

    /// What `_smtp._tls` says; empty where there is nothing, or nothing that can be read.
    package static func read(_ answer: DNSAnswer<String>) -> [TLSReportAddress] {
        guard case .records(let texts, _, _) = answer else { return [] }
        let records = texts.filter { $0.hasPrefix("v=TLSRPTv1") && ($0.utf8.count == 10 || " ;".contains($0.dropFirst(10).prefix(1))) }
        guard records.count == 1, let list = MTASTSRecord.fields(of: records[0])["rua"] else { return [] }
        let found = list.split(separator: ",").compactMap { part -> TLSReportAddress? in
            let uri = part.filter { $0 != " " && $0 != "\t" }
            if uri.lowercased().hasPrefix("mailto:") {
                return EmailAddress(String(uri.dropFirst(7).prefix { $0 != "?" })).map { .mail($0) }
            }
            return uri.lowercased().hasPrefix("https://") ? .web(String(uri)) : nil
        }
        return Array(found.prefix(countMax))
    }
}
