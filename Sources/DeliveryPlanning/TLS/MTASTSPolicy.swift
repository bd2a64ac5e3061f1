package import MailModel

/// What a domain says of its mail hosts (RFC 8461 §3.2).
package struct MTASTSPolicy: Hashable, Sendable, Codable {
    package enum Mode: String, Hashable, Sendable, Codable {
        /// The domain has no policy any more.
        case none
        /// What does not hold is reported, and delivered.
        case testing
        /// What does not hold is not delivered.
        case enforce
    }

    package var mode: Mode
    /// `mail.example.org`, or `*.example.org` for any one label in the asterisk's place. Lower case, at most `patternsMax`.
    package var patterns: [String]
    /// How long it holds from when it was fetched; 0…31,557,600.
    package var maxAgeSeconds: Int

    package static let patternsMax = 100
    /// RFC 8461 §3.3 has senders bound it; it says 64 kilobytes by way of example.
    package static let bytesMax = 65_536
    private static let maxAgeMax = 31_557_600

    package init(mode: Mode, patterns: [String], maxAgeSeconds: Int) {
        self.mode = mode
        self.patterns = patterns
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// Reads the body of a policy. Of a field that stands there twice, `mx` aside, the first counts; unknown ones are passed over.
    package static func read(_ body: [UInt8]) -> Result<MTASTSPolicy, MTASTSFault> {
        guard body.count <= bytesMax else { return .failure(MTASTSFault("the policy has more than \(bytesMax) octets")) }
        guard let text = String(validating: body, as: UTF8.self) else { return .failure(MTASTSFault("the policy is not UTF-8")) }
        var fields: [String: String] = [:]
        var patterns: [String] = []
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let colon = line.firstIndex(of: 0x3A) else { return .failure(MTASTSFault("a line has no colon")) }
            let name = trimmed(line[..<colon])
            let value = trimmed(line[line.index(after: colon)...])
            if name == "mx" {
                guard isPattern(value) else { return .failure(MTASTSFault("an mx is no host name")) }
                patterns.append(value.lowercased())
            } else if fields[name] == nil {
                fields[name] = value
            }
        }
        guard fields["version"] == "STSv1" else { return .failure(MTASTSFault("the version is not STSv1")) }
        guard let mode = fields["mode"].flatMap(Mode.init(rawValue:)) else { return .failure(MTASTSFault("the mode is unknown")) }
        guard let age = fields["max_age"], !age.isEmpty, age.utf8.count <= 10, age.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int(age)
        else { return .failure(MTASTSFault("max_age is missing, or no number")) }
        guard mode == .none || !patterns.isEmpty else { return .failure(MTASTSFault("no mx is named")) }
        guard patterns.count <= patternsMax else { return .failure(MTASTSFault("more than \(patternsMax) mx are named")) }
        return .success(MTASTSPolicy(mode: mode, patterns: patterns, maxAgeSeconds: min(seconds, maxAgeMax)))
    }

    /// Whether a mail host is one that the policy names (RFC 8461 §4.1).
    package func names(_ host: String) -> Bool {
        let host = host.lowercased()
        return patterns.contains { pattern in
            guard pattern.hasPrefix("*.") else { return pattern == host }
            guard let dot = host.utf8.firstIndex(of: 0x2E), dot != host.startIndex else { return false }
            return host[dot...] == pattern.dropFirst()
        }
    }

    /// The lines of the policy, as TLS reports repeat them (RFC 8460 §4.4).
    package var lines: [String] {
        ["version: STSv1", "mode: \(mode.rawValue)"] + patterns.map { "mx: \($0)" } + ["max_age: \(maxAgeSeconds)"]
    }

    private static func isPattern(_ text: String) -> Bool { DomainName(text.hasPrefix("*.") ? text.dropFirst(2) : text[...]) != nil }

    private static func trimmed(_ bytes: Substring.UTF8View) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return String(Substring(rest))
    }
}

/// Why there is no policy to be had where a domain announces one.
package struct MTASTSFault: Error, Hashable, Sendable, Codable {
    /// One clause.
    package var text: String
    package var fault: TLSFault

    package init(_ text: String, _ fault: TLSFault = .stsPolicyInvalid) {
        self.text = text
        self.fault = fault
    }
}

/// What `_mta-sts` says of a domain's policy (RFC 8461 §3.1).
package enum MTASTSRecord: Hashable, Sendable {
    /// There is none, or not one that counts.
    case missing
    /// A policy stands ready; another `id` means another policy.
    case announced(id: String)
    /// DNS gave no answer: what was known holds.
    case unknown

    package init(_ answer: DNSAnswer<String>) {
        switch answer {
        case .failure: self = .unknown
        case .noRecords: self = .missing
        case .records(let texts, _, _):
            let records = texts.filter { $0.hasPrefix("v=STSv1") && ($0.utf8.count == 7 || " ;".contains($0.dropFirst(7).prefix(1))) }
            // More than one is as good as none.
            guard records.count == 1, let id = MTASTSRecord.fields(of: records[0])["id"], (1...32).contains(id.utf8.count),
                id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) })
            else {
                self = .missing
                return
            }
            self = .announced(id: id)
        }
    }

    /// `k1=v1; k2=v2`: the first of each.
    static func fields(of text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " || $0 == "\t" } }
            guard pair.count == 2, let name = pair.first.map(String.init), fields[name] == nil else { continue }
            var value = pair[1]
            while value.last == " " || value.last == "\t" { value.removeLast() }
            fields[name] = String(value)
        }
        return fields
    }
}
