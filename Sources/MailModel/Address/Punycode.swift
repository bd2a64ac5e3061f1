/// The letters of an internationalised label from its ASCII form (RFC 3492).
package enum Punycode {
    private static let base = 36
    private static let lowest = 1
    private static let highest = 26

    /// `label`: without its `xn--`. Nil where it is none.
    package static func decode(_ label: some StringProtocol) -> String? {
        let octets = Array(label.utf8)
        guard !octets.isEmpty, octets.count <= DomainName.labelBytesMax, octets.allSatisfy({ $0 < 0x80 }) else { return nil }
        let split = octets.lastIndex(of: 0x2D)
        var scalars = octets[..<(split ?? 0)].map { UInt32($0) }
        var rest = octets[(split.map { $0 + 1 } ?? 0)...]
        var (code, index, bias) = (128, 0, 72)
        while !rest.isEmpty {
            let before = index
            var (weight, place) = (1, base)
            while true {
                guard let octet = rest.popFirst(), let digit = digit(octet) else { return nil }
                let (product, overflows) = digit.multipliedReportingOverflow(by: weight)
                guard !overflows, product <= Int(UInt32.max) - index else { return nil }
                index += product
                let threshold = min(max(place - bias, lowest), highest)
                if digit < threshold { break }
                guard weight <= Int(UInt32.max) / base else { return nil }
                weight *= base - threshold
                place += base
            }
            let count = scalars.count + 1
            bias = adapted(index - before, count: count, isFirst: before == 0)
            code += index / count
            index %= count
            guard let value = UInt32(exactly: code), Unicode.Scalar(value) != nil, value >= 0x80 else { return nil }
            scalars.insert(value, at: index)
            index += 1
        }
        var text = String.UnicodeScalarView()
        for value in scalars {
            guard let scalar = Unicode.Scalar(value) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    private static func digit(_ octet: UInt8) -> Int? {
        switch octet {
        case 0x30...0x39: Int(octet) - 0x30 + 26
        case 0x41...0x5A: Int(octet) - 0x41
        case 0x61...0x7A: Int(octet) - 0x61
        default: nil
        }
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var steps = 0
        while delta > (base - lowest) * highest / 2 {
            delta /= base - lowest
            steps += base
        }
        return steps + (base - lowest + 1) * delta / (delta + 38)
    }
}
