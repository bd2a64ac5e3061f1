import MailModel

/// SPF as a receiver evaluates it (RFC 7208), from the zone. Macros and `ptr` fit nothing.
struct SPFCheck {
    enum Result: Sendable {
        case pass, fail, softFail, neutral, none, permanentError
    }

    /// RFC 7208 §4.6.4.
    private static let lookupsMax = 10

    private let zone: TwinZone
    private let address: IPAddress
    private var lookups = 0

    init(_ zone: TwinZone, address: IPAddress) {
        self.zone = zone
        self.address = address
    }

    mutating func result(for domain: DomainName) -> Result {
        let records = zone.texts(domain).filter { $0.lowercased() == "v=spf1" || $0.lowercased().hasPrefix("v=spf1 ") }
        guard let record = records.first else { return .none }
        guard records.count == 1 else { return .permanentError }
        let terms = record.split(separator: " ").dropFirst()
        for term in terms where !SPFCheck.isModifier(term) {
            switch matches(term, domain) {
            case .success(true): return SPFCheck.qualifier(term)
            case .success(false): continue
            case .failure: return .permanentError
            }
        }
        guard let target = terms.first(where: { $0.lowercased().hasPrefix("redirect=") })?.split(separator: "=").last else {
            return .neutral
        }
        guard counted(), let name = DomainName(target) else { return .permanentError }
        let result = result(for: name)
        if case .none = result { return .permanentError }
        return result
    }

    private struct Broken: Error {}

    private mutating func counted() -> Bool {
        lookups += 1
        return lookups <= SPFCheck.lookupsMax
    }

    private static func isModifier(_ term: Substring) -> Bool {
        guard let sign = term.firstIndex(of: "=") else { return false }
        return term[..<sign].allSatisfy { $0.isLetter }
    }

    private static func qualifier(_ term: Substring) -> Result {
        switch term.first {
        case "-": .fail
        case "~": .softFail
        case "?": .neutral
        default: .pass
        }
    }

    private mutating func matches(_ term: Substring, _ domain: DomainName) -> Swift.Result<Bool, Broken> {
        let bare = term.first.map { "+-~?".contains($0) } == true ? term.dropFirst() : term
        let nameEnd = bare.firstIndex { $0 == ":" || $0 == "/" } ?? bare.endIndex
        let rest = bare[nameEnd...]
        let kind = bare[..<nameEnd].lowercased()
        switch kind {
        case "all": return .success(true)
        case "ip4", "ip6": return SPFCheck.covers(rest.dropFirst(), address)
        case "ptr": return counted() ? .success(false) : .failure(Broken())
        case "include", "a", "mx", "exists": break
        default: return .failure(Broken())
        }
        // `a:host/24`: the name ends where the prefix begins.
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts.first.map { $0.hasPrefix(":") ? $0.dropFirst() : $0 } ?? ""
        guard counted(), let name = text.isEmpty ? domain : DomainName(text) else { return .failure(Broken()) }
        switch kind {
        case "include":
            guard !text.isEmpty else { return .failure(Broken()) }
            switch result(for: name) {
            case .pass: return .success(true)
            case .fail, .softFail, .neutral: return .success(false)
            case .none, .permanentError: return .failure(Broken())
            }
        case "exists": return .success(zone.addresses(name).contains { !$0.isV6 })
        default:
            let hosts = kind == "mx" ? zone.mailHosts(name).prefix(10).flatMap { zone.addresses($0) } : zone.addresses(name)
            let prefix = parts.count > 1 ? "/\(parts[1].split(separator: "/").first ?? "")" : ""
            return .success(hosts.contains { (try? SPFCheck.covers("\($0)\(prefix)"[...], address).get()) == true })
        }
    }

    /// `192.0.2.9/24`, whatever stands right of the prefix.
    private static func covers(_ text: Substring, _ address: IPAddress) -> Swift.Result<Bool, Broken> {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress($0) }), parts.count <= 2 else { return .failure(Broken()) }
        guard let length = parts.count == 2 ? Int(parts[1]) : base.bitCount, (0...base.bitCount).contains(length) else {
            return .failure(Broken())
        }
        guard base.isV6 == address.isV6 else { return .success(false) }
        let pairs = zip(base.octets, address.octets).enumerated()
        return .success(
            pairs.allSatisfy { index, pair in
                let bits = min(max(length - index * 8, 0), 8)
                return (pair.0 ^ pair.1) >> UInt8(8 - bits) == 0
            })
    }
}
