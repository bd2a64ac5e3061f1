/// TLSA of RFC 6698 §2.1, as DNS has it: which values mean something is decided where they are used.
package struct TLSARecord: Hashable, Sendable, Codable {
    /// 2: the certificate of an authority in the host's chain; 3: the host's own.
    package var usage: UInt8
    /// 0: the whole certificate; 1: its public key (SubjectPublicKeyInfo).
    package var selector: UInt8
    /// 0: the octets themselves; 1: their SHA-256; 2: their SHA-512.
    package var matching: UInt8
    package var data: [UInt8]

    package init(usage: UInt8, selector: UInt8, matching: UInt8, data: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matching = matching
        self.data = data
    }

    /// Whether it can prove a mail host (RFC 7672 §3.1): of usage 2 or 3, with a selector and a matching type that are known, and octets of
    /// the length that goes with it.
    package var isUsable: Bool {
        guard (2...3).contains(usage), selector <= 1 else { return false }
        switch matching {
        case 0: return !data.isEmpty
        case 1: return data.count == 32
        case 2: return data.count == 64
        default: return false
        }
    }

    /// `3 1 1`.
    package var kind: String { "\(usage) \(selector) \(matching)" }
}
