package import MailModel

/// A record of a twin's zone.
package enum TwinRecord: Sendable, Hashable {
    /// A or AAAA.
    case address(IPAddress)
    case mx(preference: UInt16, DomainName)
    /// Up to `textBytesMax` octets.
    case txt(String)
    case cname(DomainName)
    case ptr(DomainName)
    case tlsa(usage: UInt8, selector: UInt8, matching: UInt8, [UInt8])

    package static let textBytesMax = 1000

    /// Reads a type and a value as zone files have them: `MX` with `10 mail.example.org`, `TXT` with its text, unquoted.
    package init?(type: String, value: String) {
        let words = value.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        switch type.uppercased() {
        case "A", "AAAA":
            guard let address = IPAddress(value), address.isV6 == (type.uppercased() == "AAAA") else { return nil }
            self = .address(address)
        case "MX":
            guard words.count == 2, let preference = UInt16(words[0]), let host = DomainName(words[1]) else { return nil }
            self = .mx(preference: preference, host)
        case "TXT":
            guard !value.isEmpty, value.utf8.count <= TwinRecord.textBytesMax else { return nil }
            self = .txt(value)
        case "CNAME":
            guard let name = DomainName(value) else { return nil }
            self = .cname(name)
        case "PTR":
            guard let name = DomainName(value) else { return nil }
            self = .ptr(name)
        case "TLSA":
            guard words.count == 4, let usage = UInt8(words[0]), let selector = UInt8(words[1]), let matching = UInt8(words[2]),
                let data = TwinRecord.octets(words[3]), (1...256).contains(data.count)
            else { return nil }
            self = .tlsa(usage: usage, selector: selector, matching: matching, data)
        default: return nil
        }
    }

    package var type: String {
        switch self {
        case .address(let address): address.isV6 ? "AAAA" : "A"
        case .mx: "MX"
        case .txt: "TXT"
        case .cname: "CNAME"
        case .ptr: "PTR"
        case .tlsa: "TLSA"
        }
    }

    /// As `init` reads it.
    package var value: String {
        switch self {
        case .address(let address): "\(address)"
        case .mx(let preference, let host): "\(preference) \(host)"
        case .txt(let text): text
        case .cname(let name), .ptr(let name): "\(name)"
        case .tlsa(let usage, let selector, let matching, let data): "\(usage) \(selector) \(matching) \(data.hexadecimal)"
        }
    }

    /// Of RFC 1035 §3.2.2, RFC 3596 and RFC 6698.
    var code: UInt16 {
        switch self {
        case .address(let address): address.isV6 ? 28 : 1
        case .mx: 15
        case .txt: 16
        case .cname: 5
        case .ptr: 12
        case .tlsa: 52
        }
    }

    /// RDATA, without compression.
    var data: [UInt8] {
        switch self {
        case .address(let address): address.octets
        case .mx(let preference, let host): [UInt8(preference >> 8), UInt8(preference & 0xFF)] + TwinRecord.wire(host)
        case .txt(let text):
            stride(from: 0, to: text.utf8.count, by: 255).flatMap { start in
                let part = text.utf8.dropFirst(start).prefix(255)
                return [UInt8(part.count)] + part
            }
        case .cname(let name), .ptr(let name): TwinRecord.wire(name)
        case .tlsa(let usage, let selector, let matching, let data): [usage, selector, matching] + data
        }
    }

    private static func octets(_ digits: String) -> [UInt8]? {
        let digits = Array(digits)
        guard digits.count % 2 == 0 else { return nil }
        let octets = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        return octets.count * 2 == digits.count ? octets : nil
    }

    static func wire(_ name: DomainName) -> [UInt8] {
        name.text.utf8.split(separator: 0x2E).flatMap { [UInt8($0.count)] + $0 } + [0]
    }
}
