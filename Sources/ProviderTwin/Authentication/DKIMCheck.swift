import InternetMessage
import MailModel

/// What a receiver needs of cryptography; the shell has it.
package struct TwinCryptography: Sendable {
    package enum Algorithm: Sendable {
        /// PKCS #1 v1.5 with SHA-256; the key is a SubjectPublicKeyInfo.
        case rsa
        /// RFC 8463: over the SHA-256 of the data; the key is 32 octets.
        case ed25519
    }

    package var sha256: @Sendable ([UInt8]) -> [UInt8]
    package var isSigned: @Sendable (_ data: [UInt8], _ signature: [UInt8], _ key: [UInt8], Algorithm) -> Bool

    package init(
        sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
        isSigned: @escaping @Sendable (_ data: [UInt8], _ signature: [UInt8], _ key: [UInt8], Algorithm) -> Bool
    ) {
        self.sha256 = sha256
        self.isSigned = isSigned
    }
}

/// DKIM as a receiver verifies it (RFC 6376), with keys from the zone. Written for the twin: it shares nothing with what signs.
struct DKIMCheck {
    /// More signatures are not looked at.
    private static let signaturesMax = 5

    let zone: TwinZone
    let cryptography: TwinCryptography

    /// The domains whose signatures hold.
    func domains(_ content: [UInt8], _ header: HeaderSection, at now: Timestamp) -> [DomainName] {
        header.fields.filter { $0.isNamed("dkim-signature", in: content) }.prefix(DKIMCheck.signaturesMax)
            .compactMap { holds($0, content, header, at: now) }
    }

    /// `a=b; c=d`, white space out of values.
    static func tags(_ text: some Collection<UInt8>) -> [String: String] {
        var tags: [String: String] = [:]
        for part in text.split(separator: 0x3B) {
            let halves = part.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { continue }
            let bare = halves.map { half in String(decoding: half.filter { !DKIMCheck.isSpace($0) }, as: UTF8.self) }
            tags[bare[0]] = bare[1]
        }
        return tags
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

    private func holds(_ field: HeaderField, _ content: [UInt8], _ header: HeaderSection, at now: Timestamp) -> DomainName? {
        let tags = DKIMCheck.tags(content[field.value])
        guard tags["v"] == "1", let domain = tags["d"].flatMap({ DomainName($0) }), let selector = tags["s"],
            let signature = tags["b"].flatMap({ Base64.decode($0.utf8) }), let bodyHash = tags["bh"].flatMap({ Base64.decode($0.utf8) }),
            let algorithm = algorithm(tags["a"]), tags["x"].flatMap({ Int64($0) }).map({ now.seconds <= $0 }) ?? true,
            let key = key(selector, domain, algorithm)
        else { return nil }
        let names = (tags["h"] ?? "").split(separator: ":").map { $0.lowercased() }
        let manner = (tags["c"] ?? "simple/simple").split(separator: "/")
        let isHeaderRelaxed = manner.first == "relaxed"
        var body = DKIMCheck.body(content[header.bodyStart...], isRelaxed: manner.count > 1 && manner[1] == "relaxed")
        if let length = tags["l"] {
            guard let length = Int(length), length >= 0, length <= body.count else { return nil }
            body = Array(body.prefix(length))
        }
        guard names.contains("from"), cryptography.sha256(body) == bodyHash else { return nil }
        var data: [UInt8] = []
        // Of a name that stands often, the last field is signed first.
        var left = Dictionary(grouping: header.fields) { $0.lowercaseName(in: content) }
        for name in names {
            guard let last = left[name]?.popLast() else { continue }
            data += DKIMCheck.field(Array(content[last.whole]), isRelaxed: isHeaderRelaxed)
        }
        var own = DKIMCheck.field(DKIMCheck.unsigned(Array(content[field.whole])), isRelaxed: isHeaderRelaxed)
        while own.last == 0x0A || own.last == 0x0D { own.removeLast() }
        return cryptography.isSigned(data + own, signature, key, algorithm) ? domain : nil
    }

    private func algorithm(_ name: String?) -> TwinCryptography.Algorithm? {
        switch name {
        case "rsa-sha256": .rsa
        case "ed25519-sha256": .ed25519
        default: nil
        }
    }

    private func key(_ selector: String, _ domain: DomainName, _ algorithm: TwinCryptography.Algorithm) -> [UInt8]? {
        guard let name = DomainName("\(selector)._domainkey.\(domain)"), let text = zone.texts(name).first else { return nil }
        let tags = DKIMCheck.tags(text.utf8)
        let isEd25519 = tags["k"] == "ed25519"
        guard tags["v"] ?? "DKIM1" == "DKIM1", isEd25519 == (algorithm == .ed25519), let key = tags["p"], !key.isEmpty else { return nil }
        return Base64.decode(key.utf8)
    }

    // MARK: - Canonical forms, §3.4

    static func field(_ field: [UInt8], isRelaxed: Bool) -> [UInt8] {
        guard isRelaxed, let colon = field.firstIndex(of: 0x3A) else { return field }
        let name = field[..<colon].filter { !isSpace($0) }.map(\.asciiLowercased)
        let words = field[(colon + 1)...].split(whereSeparator: isSpace)
        return name + [0x3A] + Array(words.joined(separator: [0x20])) + [0x0D, 0x0A]
    }

    static func body(_ body: ArraySlice<UInt8>, isRelaxed: Bool) -> [UInt8] {
        var lines = body.split(separator: 0x0A, omittingEmptySubsequences: false).map { $0.last == 0x0D ? $0.dropLast() : $0 }
        // What follows the last line end is a line only where something stands in it.
        if lines.last?.isEmpty == true { lines.removeLast() }
        var made = lines.map { isRelaxed ? relaxed($0) : Array($0) }
        while made.last?.isEmpty == true { made.removeLast() }
        if made.isEmpty, !isRelaxed { return [0x0D, 0x0A] }
        return made.flatMap { $0 + [0x0D, 0x0A] }
    }

    private static func relaxed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var made: [UInt8] = []
        for byte in line {
            let isBlank = byte == 0x20 || byte == 0x09
            if isBlank, made.last == 0x20 { continue }
            made.append(isBlank ? 0x20 : byte)
        }
        if made.last == 0x20 { made.removeLast() }
        return made
    }

    /// The field with nothing in `b=`.
    private static func unsigned(_ field: [UInt8]) -> [UInt8] {
        guard let colon = field.firstIndex(of: 0x3A) else { return field }
        let parts = field[(colon + 1)...].split(separator: 0x3B, omittingEmptySubsequences: false).map { part in
            let halves = part.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            return halves.count == 2 && halves[0].filter { !isSpace($0) } == [0x62] ? halves[0] + [0x3D] : Array(part)
        }
        return field[...colon] + Array(parts.joined(separator: [0x3B]))
    }
}
