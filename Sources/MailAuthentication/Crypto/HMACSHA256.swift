/// HMAC with SHA-256 (RFC 2104).
struct HMACSHA256 {
    private static let blockBytes = 64

    static func code(_ message: [UInt8], key: [UInt8]) throws(CryptoError) -> [UInt8] {
        var block = key.count > blockBytes ? try digest([key]) : key
        block += [UInt8](repeating: 0, count: blockBytes - block.count)
        let inner = try digest([block.map { $0 ^ 0x36 }, message])
        return try digest([block.map { $0 ^ 0x5C }, inner])
    }

    private static func digest(_ parts: [[UInt8]]) throws(CryptoError) -> [UInt8] {
        let digest = try SHA256Digest()
        for part in parts { part.withUnsafeBytes { digest.update($0) } }
        return digest.finish()
    }
}
