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

    /// Terms of one record that are looked at; no answer of DNS has room for more that mean something.
    private static let termsMax = 500

    /// True for `v=spf1`, whatever follows.
    static func isRecord(_ text: String) -> Bool {
        text.lowercased() == "v=spf1" || text.lowercased().hasPrefix("v=spf1 ")
    }

    /// Nil where it has a mistake.
    init?(_ text: String) {
        let terms = text.split(separator: " ").dropFirst()
        guard terms.count <= SPFRecord.termsMax else { return nil }
        var hasExplanation = false
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
                guard redirect == nil, !value.isEmpty else { return nil }
                redirect = value
            case "exp":
                guard !hasExplanation else { return nil }
                hasExplanation = true
            default: guard name.first?.isLetter == true else { return nil }
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
            guard value?.isEmpty == false || kind == .ptr && rest.isEmpty else { return nil }
            domain = value.map(String.init) ?? ""
        case .ip4, .ip6:
            guard let value, let known = readAddress(value), known.isV6 == (kind == .ip6) else { return nil }
            address = known
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

    /// `DOMAIN/24//64`, with any of them missing. A slash may stand in a macro.
    private mutating func readLengths(_ text: Substring, hasDomain: Bool) -> Bool {
        var text = text
        func take(_ mark: String, max: Int) -> Int?? {
            guard let range = text.lastRange(of: mark), !text[range.upperBound...].contains("}") else { return .some(nil) }
            guard let length = Self.length(text[range.upperBound...], max: max) else { return nil }
            text = text[..<range.lowerBound]
            return length
        }
        guard let six = take("//", max: 128), let four = take("/", max: 32) else { return false }
        prefix6 = six ?? prefix6
        prefix4 = four ?? prefix4
        domain = String(text)
        return hasDomain != text.isEmpty
    }

    private static func length(_ text: Substring, max: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.allSatisfy(\.isNumber), let length = Int(text), length <= max else { return nil }
        return length
    }
}

extension Substring {
    /// Where a text stands last.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        var from = endIndex
        while from > startIndex {
            from = index(before: from)
            if self[from...].hasPrefix(text) { return from..<index(from, offsetBy: text.count) }
        }
        return nil
    }
}
