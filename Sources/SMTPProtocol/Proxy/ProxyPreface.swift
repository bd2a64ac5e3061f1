package import MailModel

/// What a client says to HAProxy first, so that it connects for it: PROXY protocol version 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt).
package enum ProxyPreface {
    /// `source`: the address to leave from; any where it is nil or of another family than `target`.
    package static func version2(from source: IPAddress?, to target: IPAddress, port: Int) -> [UInt8] {
        let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
        let from = source.flatMap { $0.isV6 == target.isV6 ? $0.octets : nil } ?? [UInt8](repeating: 0, count: target.isV6 ? 16 : 4)
        let body = from + target.octets + [0, 0, UInt8(port >> 8), UInt8(port & 0xFF)]
        // Version 2, PROXY; TCP over IPv4 or IPv6.
        return signature + [0x21, target.isV6 ? 0x21 : 0x11, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }
}
