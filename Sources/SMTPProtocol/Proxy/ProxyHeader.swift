package import MailModel

/// The header by which a load balancer says whose connection it hands on (PROXY protocol, versions 1 and 2, HAProxy's
/// `proxy-protocol.txt`). Read it only from named balancers: whoever may send it can claim any address.
package enum ProxyHeader {
    package enum Result: Hashable, Sendable {
        /// `source` and `port` are nil where the balancer speaks for itself (LOCAL, a health check) or names no IP address
        /// (UNKNOWN). `consumed` octets belong to the header; what follows is the client's.
        case complete(source: IPAddress?, port: Int?, consumed: Int)
        /// Right so far; more octets are needed.
        case incomplete
        /// No such header, or one past its limit: close the connection without a reply.
        case invalid
    }

    /// Longest header of version 1, CRLF included (§2.1 of the specification).
    package static let textBytesMax = 107
    /// Most octets of addresses and extensions in version 2; the specification asks readers for at least 520.
    package static let binaryPayloadBytesMax = 2048

    private static let textSignature = Array("PROXY ".utf8)
    private static let binarySignature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// `bytes`: all that has come on the connection so far.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Result {
        if bytes.prefix(textSignature.count).elementsEqual(textSignature.prefix(bytes.count)) {
            return bytes.count < textSignature.count ? .incomplete : parseText(bytes)
        }
        if bytes.prefix(binarySignature.count).elementsEqual(binarySignature.prefix(bytes.count)) {
            return bytes.count < binarySignature.count ? .incomplete : parseBinary(bytes)
        }
        return .invalid
    }

    private static func parseText(_ bytes: UnsafeRawBufferPointer) -> Result {
        let end = min(bytes.count, textBytesMax)
        guard let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, from: 0, to: end) else {
            return bytes.count < textBytesMax ? .incomplete : .invalid
        }
        guard bytes[lineFeed - 1] == ASCII.carriageReturn else { return .invalid }
        let line = Array(bytes.slice(textSignature.count..<lineFeed - 1))
        guard line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return .invalid }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        if words.first == "UNKNOWN" { return .complete(source: nil, port: nil, consumed: lineFeed + 1) }
        guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6" else { return .invalid }
        guard let source = IPAddress(words[1]), let port = port(words[3]), IPAddress(words[2]) != nil, self.port(words[4]) != nil,
            words[1].contains(":") == (words[0] == "TCP6"), words[2].contains(":") == (words[0] == "TCP6")
        else { return .invalid }
        return .complete(source: source, port: port, consumed: lineFeed + 1)
    }

    private static func port(_ text: Substring) -> Int? {
        guard (1...5).contains(text.utf8.count), case .value(let number) = DecimalNumber(text.utf8), number <= 65_535 else { return nil }
        return number
    }

    private static func parseBinary(_ bytes: UnsafeRawBufferPointer) -> Result {
        guard bytes.count >= 16 else { return .incomplete }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard bytes[12] >> 4 == 2, length <= binaryPayloadBytesMax else { return .invalid }
        guard bytes.count >= 16 + length else { return .incomplete }
        switch (bytes[12] & 15, bytes[13]) {
        // LOCAL, or PROXY with an unspecified family: no address to trust.
        case (0, _), (1, 0x00): return .complete(source: nil, port: nil, consumed: 16 + length)
        case (1, 0x11): return binaryAddress(bytes, octets: 4, length: length)
        case (1, 0x21): return binaryAddress(bytes, octets: 16, length: length)
        // Datagrams, UNIX sockets and unknown commands do not carry mail from an IP address.
        default: return .invalid
        }
    }

    /// Source and destination address of `octets` each, then the two ports.
    private static func binaryAddress(_ bytes: UnsafeRawBufferPointer, octets: Int, length: Int) -> Result {
        guard length >= 2 * octets + 4, let source = IPAddress(octets: bytes.slice(16..<16 + octets)) else { return .invalid }
        let portOffset = 16 + 2 * octets
        let port = Int(bytes[portOffset]) << 8 | Int(bytes[portOffset + 1])
        return .complete(source: source, port: port, consumed: 16 + length)
    }
}
