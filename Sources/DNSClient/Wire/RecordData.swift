import MailModel

/// Reads the record data of the types that mail needs, in wire format without compression (as libunbound hands it out).
///
/// Nil for data that does not fit its type: such a record is left out of the answer.
enum RecordData {
    /// RFC 1035 §3.3.9: preference, exchange. The root is the null MX of RFC 7505.
    static func mx(_ bytes: UnsafeRawBufferPointer) -> MXRecord? {
        guard bytes.count >= 3 else { return nil }
        let preference = Int(bytes[0]) << 8 | Int(bytes[1])
        if bytes.count == 3, bytes[2] == 0 { return MXRecord(preference: preference, exchange: nil) }
        guard let exchange = name(UnsafeRawBufferPointer(rebasing: bytes[2...])) else { return nil }
        return MXRecord(preference: preference, exchange: exchange)
    }

    /// RFC 1035 §3.4.1.
    static func a(_ bytes: UnsafeRawBufferPointer) -> IPAddress? {
        bytes.count == 4 ? IPAddress(octets: bytes) : nil
    }

    /// RFC 3596 §2.2.
    static func aaaa(_ bytes: UnsafeRawBufferPointer) -> IPAddress? {
        bytes.count == 16 ? IPAddress(octets: bytes) : nil
    }

    /// RFC 1035 §3.3.14: one or more strings, joined without anything between them (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
    static func txt(_ bytes: UnsafeRawBufferPointer) -> String? {
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let length = Int(bytes[position])
            guard position + 1 + length <= bytes.count else { return nil }
            joined.append(contentsOf: bytes[(position + 1)..<(position + 1 + length)])
            position += 1 + length
        }
        guard position > 0 else { return nil }
        return String(decoding: joined, as: UTF8.self)
    }

    /// RFC 6698 §2.1.
    static func tlsa(_ bytes: UnsafeRawBufferPointer) -> TLSARecord? {
        guard bytes.count >= 3 else { return nil }
        return TLSARecord(usage: bytes[0], selector: bytes[1], matching: bytes[2], data: Array(bytes[3...]))
    }

    /// An uncompressed name that fills the bytes exactly. Nil also for the root and for a name that no host can have.
    static func name(_ bytes: UnsafeRawBufferPointer) -> DomainName? {
        var text: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let length = Int(bytes[position])
            if length == 0 {
                guard position == bytes.count - 1, let name = String(validating: text, as: UTF8.self) else { return nil }
                return DomainName(name)
            }
            // 63 is the longest label; the two high bits mark a pointer, which has no place here.
            guard length <= 63, position + 1 + length <= bytes.count else { return nil }
            let label = bytes[(position + 1)..<(position + 1 + length)]
            guard !label.contains(0x2E) else { return nil }
            if !text.isEmpty { text.append(0x2E) }
            text.append(contentsOf: label)
            position += 1 + length
        }
        return nil
    }
}
