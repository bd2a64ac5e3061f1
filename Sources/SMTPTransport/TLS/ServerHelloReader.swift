import NIOCore

/// Stands before TLS and sees which cipher the other side chose: its ServerHello is in the clear (RFC 8446 §4.1.3), and the TLS library does
/// not say. Steps aside after it.
///
/// `@unchecked`: a handler belongs to the event loop of its channel and is touched nowhere else.
final class ServerHelloReader: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private(set) var cipher: String?
    private var seen: [UInt8] = []
    private var isDone = false

    /// Record and handshake header, version, random, and the longest session identifier before the cipher.
    private static let bytesMax = 5 + 4 + 2 + 32 + 1 + 32 + 2

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDone {
            seen += unwrapInboundIn(data).readableBytesView.prefix(ServerHelloReader.bytesMax - seen.count)
            if let number = ServerHelloReader.cipher(of: seen) { cipher = CipherName.of(number) }
            isDone = cipher != nil || seen.count >= ServerHelloReader.bytesMax
        }
        context.fireChannelRead(data)
    }

    /// The number in a ServerHello; nil where it is something else, or not all of it is there.
    static func cipher(of bytes: [UInt8]) -> UInt16? {
        guard bytes.count > 43, bytes[0] == 22, bytes[5] == 2 else { return nil }
        let position = 44 + Int(bytes[43])
        guard bytes.count >= position + 2 else { return nil }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }
}

/// IANA's names of the ciphers that the TLS library has.
enum CipherName {
    private static let names: [UInt16: String] = [
        0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
        0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384", 0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA", 0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    ]

    static func of(_ number: UInt16) -> String {
        if let name = names[number] { return name }
        let digits = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
