/// A web address, read as browsers do: leniently.
package struct LinkAddress: Hashable, Sendable {
    /// As it stands, without white space, at most 500 octets.
    package var text: String
    /// Lower case: `https`.
    package var scheme: String
    /// As it stands, without user and port; percent signs decoded, lower case for ASCII.
    package var host: String
    /// Before an `@`: what looks like the host and is not.
    package var user: String
    package var port: Int?
    /// With its leading slash, without query; empty where there is none.
    package var path: String
    /// After the question mark.
    package var query: String
    /// Where percent signs hid the host.
    package var isHostEscaped: Bool

    package static let bytesMax = 500

    /// Nil for what leads to no host: `mailto:`, `cid:`, `#top`, a relative address.
    package init?(_ raw: some Sequence<UInt8>) {
        let read = raw.withContiguousStorageIfAvailable { LinkAddress(octets: $0) }
        guard let address = read ?? Array(raw).withUnsafeBufferPointer({ LinkAddress(octets: $0) }) else { return nil }
        self = address
    }

    private init?(octets: UnsafeBufferPointer<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(octets.count, LinkAddress.bytesMax))
        for byte in octets where byte > 0x20 && byte != 0x7F {
            bytes.append(byte == 0x5C ? 0x2F : byte)
            if bytes.count == LinkAddress.bytesMax { break }
        }
        guard let (scheme, start) = LinkAddress.scheme(bytes) else { return nil }
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? bytes.count
        var authority = bytes[start..<end]
        user = ""
        if let at = authority.lastIndex(of: 0x40) {
            user = String(decoding: authority[..<at], as: UTF8.self)
            authority = authority[(at + 1)...]
        }
        port = nil
        if let colon = authority.lastIndex(of: 0x3A), authority[(colon + 1)...].allSatisfy({ (0x30...0x39).contains($0) }) {
            port = Int(String(decoding: authority[(colon + 1)...], as: UTF8.self))
            authority = authority[..<colon]
        }
        isHostEscaped = authority.contains(0x25)
        let plain = isHostEscaped ? LinkAddress.unescaped(authority) : Array(authority)
        host = String(decoding: plain.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        while host.hasSuffix(".") { host.removeLast() }
        guard !host.isEmpty else { return nil }
        let fragment = bytes[end...].firstIndex(of: 0x23) ?? bytes.count
        let question = bytes[end..<fragment].firstIndex(of: 0x3F) ?? fragment
        path = String(decoding: bytes[end..<question], as: UTF8.self)
        query = question < fragment ? String(decoding: bytes[(question + 1)..<fragment], as: UTF8.self) : ""
        text = String(decoding: bytes, as: UTF8.self)
        self.scheme = scheme
    }

    /// The scheme and where the host begins. `//host` and `www.` stand for the web.
    private static func scheme(_ bytes: [UInt8]) -> (String, Int)? {
        if begins(bytes, "//") { return ("http", 2) }
        if begins(bytes, "www.") { return ("http", 0) }
        let named: (String, Int)? =
            begins(bytes, "http:") ? ("http", 5) : begins(bytes, "https:") ? ("https", 6) : begins(bytes, "ftp:") ? ("ftp", 4) : nil
        guard let (scheme, end) = named else { return nil }
        var start = end
        while start < bytes.count, bytes[start] == 0x2F { start += 1 }
        return (scheme, start)
    }

    /// Without ASCII case; `word` is in lower case.
    private static func begins(_ bytes: [UInt8], _ word: StaticString) -> Bool {
        guard bytes.count >= word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            word.indices.allSatisfy { ((0x41...0x5A).contains(bytes[$0]) ? bytes[$0] | 0x20 : bytes[$0]) == word[$0] }
        }
    }

    static func unescaped(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == 0x25, digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// `203.0.113.7`, `[2001:db8::1]`, or a number that browsers take for one.
    package var isHostNumeric: Bool {
        guard let first = host.utf8.first, first == 0x5B || (0x30...0x39).contains(first) else { return false }
        if first == 0x5B { return true }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return (1...4).contains(labels.count)
            && labels.allSatisfy { label in
                let digits = label.hasPrefix("0x") ? label.dropFirst(2) : label
                return !digits.isEmpty && digits.utf8.allSatisfy { label.hasPrefix("0x") ? $0.isHexDigit : (0x30...0x39).contains($0) }
            }
    }

    /// The path with what changes from copy to copy left out: numbers, tokens, identifiers. `/u/#/*`.
    package var shape: String { shapes.joined(separator: "/") }

    /// The segments of `shape`, at most eight.
    package var shapes: [String] {
        path.utf8.split(separator: 0x2F).prefix(8).map { segment in
            let digits = segment.count { (0x30...0x39).contains($0) }
            if digits == segment.count { return "#" }
            return digits > 2 || segment.count > 20 ? "*" : Substring(segment).lowercased()
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x66).contains(self) || (0x41...0x46).contains(self) }
}
