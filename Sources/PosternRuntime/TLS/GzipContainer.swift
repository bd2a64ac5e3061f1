/// The gzip form of octets (RFC 1952) without compression (stored blocks of RFC 1951 §3.2.4): reports are small, and must be gzip.
enum GzipContainer {
    static func wrap(_ content: [UInt8]) -> [UInt8] {
        // Deflate, no flags, no time, unknown system.
        var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var start = 0
        repeat {
            let end = min(start + blockMax, content.count)
            output.append(end == content.count ? 1 : 0)
            append(UInt32(end - start), bytes: 2, to: &output)
            append(~UInt32(end - start), bytes: 2, to: &output)
            output += content[start..<end]
            start = end
        } while start < content.count
        append(checksum(content), bytes: 4, to: &output)
        append(UInt32(truncatingIfNeeded: content.count), bytes: 4, to: &output)
        return output
    }

    private static let blockMax = 65_535

    private static func append(_ value: UInt32, bytes: Int, to output: inout [UInt8]) {
        for shift in 0..<bytes { output.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(shift)))) }
    }

    /// CRC-32 of RFC 1952 §8.
    static func checksum(_ content: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in content {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
