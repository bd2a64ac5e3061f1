import MailModel

/// One domain's record, read as a whole: a mistake anywhere makes all of it unusable (RFC 7208 §4.6).
struct SPFRecord {
    enum Kind: String {
        case all, include, a, mx, ptr, ip4, ip6, exists
    }

    struct Mechanism {
        var result: SPF.Result
        var kind: Kind
        /// With macros; empty for the record's own domain.
        var domain = ""
        /// For `ip4` and `ip6`.
        var address: IPAddress?
        var prefix4 = 32
        var prefix6 = 128
    }

    private(set) var mechanisms: [Mechanism] = []
    private(set) var redirect: String?
    /// The name of what a refused client is told, with macros.
    private(set) var explanation: String?

    /// Terms of one record that are looked at; no answer of DNS has room for more that mean something.
    private static let termsMax = 500

    /// True for `v=spf1`, whatever follows.
    static func isRecord(_ text: String) -> Bool {
        text.lowercased() == "v=spf1" || text.lowercased().hasPrefix("v=spf1 ")
    }

    /// Nil where it has a mistake.
    init?(_ text: String) {
        guard SPFGrammar.isText(text) else { return nil }
        let terms = text.split(separator: " ").dropFirst()
        guard terms.count <= SPFRecord.termsMax else { return nil }
        for term in terms {
            let name = term.prefix { !":/=".contains($0) }
            guard term.dropFirst(name.count).first == "=" else {
                guard let mechanism = Mechanism(term) else { return nil }
                mechanisms.append(mechanism)
                continue
            }
            let value = String(term.dropFirst(name.count + 1))
            switch name.lowercased() {
            case "redirect":
                guard redirect == nil, SPFGrammar.isDomain(value) else { return nil }
                redirect = value
            case "exp":
                guard explanation == nil, SPFGrammar.isDomain(value) else { return nil }
                explanation = value
            default: guard SPFGrammar.isName(name), SPFGrammar.isMacroText(value) else { return nil }
            }
        }
    }
}

extension SPFRecord.Mechanism {
    init?(_ term: Substring) {
        let results: [Character: SPF.Result] = ["+": .pass, "-": .fail, "~": .softfail, "?": .neutral]
        let qualified = term.first.flatMap { results[$0] }
        result = qualified ?? .pass
        let text = qualified == nil ? term : term.dropFirst()
        let name = text.prefix { !":/".contains($0) }
        guard let kind = SPFRecord.Kind(rawValue: name.lowercased()) else { return nil }
        self.kind = kind
        let rest = text.dropFirst(name.count)
        let value = rest.first == ":" ? rest.dropFirst() : nil
        switch kind {
        case .all: guard rest.isEmpty else { return nil }
        case .include, .exists, .ptr:
            guard value.map(SPFGrammar.isDomain) ?? (kind == .ptr && rest.isEmpty) else { return nil }
            domain = value.map(String.init) ?? ""
        case .ip4, .ip6:
            guard let value, let known = readAddress(value) else { return nil }
            // An address of IPv6 that stands for one of IPv4 is of no client: those are taken for what they stand for (RFC 7208 §5).
            if kind == .ip6, !known.isV6, value.contains(":") {
                domain = String(value)
            } else {
                guard known.isV6 == (kind == .ip6) else { return nil }
                address = known
            }
        case .a, .mx:
            guard readLengths(value ?? rest, hasDomain: value != nil) else { return nil }
        }
    }

    private mutating func readAddress(_ text: Substring) -> IPAddress? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else { return address }
        guard let length = Self.length(parts[1], max: address.bitCount) else { return nil }
        prefix4 = address.isV6 ? prefix4 : length
        prefix6 = address.isV6 ? length : prefix6
        return address
    }

    /// `DOMAIN/24//64`, with any of them missing. A slash may stand in the domain too.
    private mutating func readLengths(_ text: Substring, hasDomain: Bool) -> Bool {
        var text = text
        // From the end on: digits behind two slashes, then digits behind one.
        for (mark, limit) in [("//", 128), ("/", 32)] {
            let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
            let rest = text.dropLast(digits)
            guard digits > 0, rest.hasSuffix(mark) else { continue }
            guard let length = Self.length(text.suffix(digits), max: limit) else { return false }
            if limit == 128 { prefix6 = length } else { prefix4 = length }
            text = rest.dropLast(mark.count)
        }
        domain = String(text)
        return hasDomain ? SPFGrammar.isDomain(text) : text.isEmpty
    }

    private static func length(_ text: Substring, max: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.first != "0" || text.count == 1,
            let length = Int(text), length <= max
        else { return nil }
        return length
    }
}
