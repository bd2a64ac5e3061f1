package import MailModel

/// What a list, or a look at DNS, said of one address or domain.
package enum ListingAnswer: Hashable, Sendable {
    case clear(String)
    /// With what it said.
    case bad(String)
    /// Nothing is known, and why. What was known before stands.
    case unknown(String)
}

extension Blocklist {
    /// A list answers within 127.0.0.0/8; what else comes is somebody's in between. A code that is not in the table says nothing either: a
    /// listing moves mail, and nobody's guess may.
    package func reading(_ answer: DNSAnswer<IPAddress>) -> ListingAnswer {
        switch answer {
        case .failure(let reason, _): return .unknown(reason)
        case .noRecords: return .clear("")
        case .records(let addresses, _, _):
            let found = addresses.map { address in (address, code(address)) }
            if let refused = found.first(where: { $0.1?.meaning == .refused }), let code = refused.1 {
                return .unknown("\(refused.0): \(code.text)")
            }
            if let refusal = found.first(where: { $0.1 == nil && $0.0.isRefusal }) {
                return .unknown("\(refusal.0): the list refuses this resolver, as a public resolver or for asking too often")
            }
            if let strange = found.first(where: { $0.1 == nil }) { return .unknown("\(strange.0) is no answer of this list that is known") }
            let words = Set(found.compactMap { address, code in code.map { "\($0.text) (\(address))" } }).sorted().joined(separator: ", ")
            return found.contains { $0.1?.meaning == .listed } ? .bad(words) : .clear(words)
        }
    }

    /// What it is on the list as; nil for what is no known answer.
    private func code(_ address: IPAddress) -> Code? {
        guard case .v4(let value) = address, value >> 24 == 127 else { return nil }
        return codes.first { $0.first <= value && value <= $0.last }
    }

    /// Whether the list can be believed: `present` is the answer for what is always listed, `absent` for what never is. Nil: it can.
    package func doubt(present: DNSAnswer<IPAddress>, absent: DNSAnswer<IPAddress>) -> String? {
        switch reading(present) {
        case .unknown(let why): return why
        case .clear: return "the list does not have its own test entry \(testName): it does not answer this resolver"
        case .bad: break
        }
        guard case .records = absent else { return nil }
        return "the list has what no list has: it lists everything"
    }
}

extension IPAddress {
    /// 127.255.255.x: what lists have agreed on for those that they do not answer.
    fileprivate var isRefusal: Bool {
        guard case .v4(let value) = self else { return false }
        return value >> 8 == 0x7F_FFFF
    }
}
