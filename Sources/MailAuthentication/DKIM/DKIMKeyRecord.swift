import InternetMessage

/// A key record of RFC 6376 §3.6.1.
struct DKIMKeyRecord: Sendable {
    let keyType: String
    /// Empty for a revoked key.
    let keyBytes: [UInt8]
    /// `t=s`: the identity's domain must be the signing domain itself.
    let isStrict: Bool
    /// Nil allows all.
    let hashes: [String]?
    let services: [String]

    /// Nil for a record of another kind or a bad form.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= recordBytesMax, let tags = TagList(bytes[...]) else { return nil }
        if let version = tags.text("v") {
            guard version == "DKIM1", tags.names.first == "v" else { return nil }
        }
        guard let digits = tags.values["p"], let key = Base64.decode(digits) else { return nil }
        keyBytes = key
        keyType = tags.text("k")?.lowercased() ?? "rsa"
        isStrict = tags.list("t")?.contains("s") ?? false
        hashes = tags.list("h")
        services = tags.list("s") ?? ["*"]
    }
}

private let recordBytesMax = 8192
