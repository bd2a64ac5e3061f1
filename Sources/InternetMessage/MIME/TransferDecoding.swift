/// Takes a transfer encoding off as mail programs do: what cannot be read is left out or stays as it is, and nothing fails.
extension TransferEncoding {
    /// At most `bytesMax` octets of the result.
    package func decoded(_ content: [UInt8], _ range: Range<Int>, bytesMax: Int) -> [UInt8] {
        content.withUnsafeBufferPointer { bytes in
            switch self {
            case .identity: Array(bytes[range].prefix(bytesMax))
            case .base64: TransferEncoding.base64(bytes[range], bytesMax)
            case .quotedPrintable: TransferEncoding.quotedPrintable(bytes[range], bytesMax)
            }
        }
    }

    private static func base64(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ bytesMax: Int) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(min(bytesMax, text.count / 4 * 3 + 3))
        var group: UInt32 = 0
        var digits = 0
        for byte in text {
            let value = base64Values[Int(byte)]
            guard value < 64 else { continue }
            group = group << 6 | UInt32(value)
            digits += 1
            guard digits == 4 else { continue }
            for shift in [16, 8, 0] as [UInt32] { decoded.append(UInt8(truncatingIfNeeded: group >> shift)) }
            (group, digits) = (0, 0)
            if decoded.count >= bytesMax { break }
        }
        if digits >= 2 { decoded.append(UInt8(truncatingIfNeeded: group >> (digits == 2 ? 4 : 10))) }
        if digits == 3 { decoded.append(UInt8(truncatingIfNeeded: group >> 2)) }
        if decoded.count > bytesMax { decoded.removeLast(decoded.count - bytesMax) }
        return decoded
    }

    private static func quotedPrintable(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ bytesMax: Int) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(min(bytesMax, text.count))
        var position = text.startIndex
        while position < text.endIndex, decoded.count < bytesMax {
            let byte = text[position]
            position += 1
            guard byte == 0x3D else {
                decoded.append(byte)
                continue
            }
            if position + 1 < text.endIndex, let high = hexValue(text[position]), let low = hexValue(text[position + 1]) {
                decoded.append(high << 4 | low)
                position += 2
            } else if let next = softLineEnd(text, position) {
                position = next
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// After the line end that the `=` before `position` takes away; nil where none follows.
    private static func softLineEnd(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ start: Int) -> Int? {
        var position = start
        while position < text.endIndex, text[position] == 0x20 || text[position] == 0x09 { position += 1 }
        if position < text.endIndex, text[position] == 0x0D { position += 1 }
        if position == text.endIndex { return position }
        return text[position] == 0x0A ? position + 1 : nil
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// 255: no digit.
private let base64Values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
        values[Int(digit)] = UInt8(value)
    }
    return values
}()
