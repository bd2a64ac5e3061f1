package import MailModel

/// Authentication-Results (RFC 8601): what a host says of its own checks. Readers believe those of their own host, so nobody else may bring
/// one in its name.
package enum ResultsField {
    /// True for a field that claims to come from `host`, however it is written.
    static func isOf(_ host: DomainName, _ field: HeaderField, in content: [UInt8]) -> Bool {
        guard field.isNamed("authentication-results", in: content) else { return false }
        // The name stands before the first semicolon, perhaps with a version, comments and quotes; whoever writes ours in any of these is not us.
        let head = field.text(in: content).prefix { $0 != ";" }
        let names = head.split { !($0.isLetter || $0.isNumber || "-._".contains($0)) }
        return names.contains { DomainName($0) == host }
    }

    /// `results`: printable ASCII, parted by "; ".
    package static func field(_ host: DomainName, _ results: String) -> [UInt8] {
        Array("Authentication-Results: \(host);\r\n\t\(folded(results))\r\n".utf8)
    }

    /// A line for each result.
    package static func folded(_ results: String) -> String { results.split(separator: "; ").joined(separator: ";\r\n\t") }
}
