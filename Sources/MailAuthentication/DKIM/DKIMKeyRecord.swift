import InternetMessage
import MailModel

/// A key record of RFC 6376 §3.6.1.
struct DKIMKeyRecord: Sendable {
    let keyType: String
    /// Empty for a revoked key.
    let keyBytes: [UInt8]
    /// `t=s`: the identity's domain must be the signing domain itself.
    let isStrict: Bool
    /// `t=y`.
    let isTest: Bool
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
        isTest = tags.list("t")?.contains("y") ?? false
        hashes = tags.list("h")
        services = tags.list("s") ?? ["*"]
    }
}

/// Why there is no key for a signature.
struct KeyFault: Error {
    var outcome: DKIMVerification.Outcome
    init(_ outcome: DKIMVerification.Outcome) { self.outcome = outcome }
}

extension DKIMKeyRecord {
    /// The record that is fit for a signature (RFC 6376 §6.1.2). `isIdentityOther`: it speaks for a name below its domain.
    static func fit(
        for algorithm: DKIMAlgorithm, in answer: DNSAnswer<String>?, isIdentityOther: Bool = false
    ) -> Result<DKIMKeyRecord, KeyFault> {
        let texts: [String]
        switch answer {
        case .records(let records, _, _): texts = records
        case .noRecords: return .failure(KeyFault(.permanentError("no key is published")))
        case .failure, nil: return .failure(KeyFault(.temporaryError("the key could not be asked for")))
        }
        guard let record = texts.lazy.compactMap({ DKIMKeyRecord($0) }).first else {
            return .failure(KeyFault(.permanentError("no key record can be read")))
        }
        let reason: String? =
            if record.keyBytes.isEmpty {
                "the key is revoked"
            } else if record.keyType != algorithm.keyType {
                "the key is of another type"
            } else if !(record.hashes?.contains("sha256") ?? true) {
                "the key does not allow the hash"
            } else if !record.services.contains("*"), !record.services.contains("email") {
                "the key is not for mail"
            } else if record.isStrict, isIdentityOther {
                "the key does not allow identities below its domain"
            } else {
                nil
            }
        return reason.map { .failure(KeyFault(.permanentError($0))) } ?? .success(record)
    }

    /// The key itself, where it can be read and is long enough (RFC 8301 §3.2).
    func key(for algorithm: DKIMAlgorithm) throws(KeyFault) -> DKIMPublicKey {
        guard let key = DKIMPublicKey(algorithm: algorithm, bytes: keyBytes) else {
            throw KeyFault(.permanentError("the key cannot be read"))
        }
        guard algorithm != .rsaSHA256 || DKIMAlgorithm.rsaBitsRange.contains(key.bits) else {
            throw KeyFault(.permanentError("the key has \(key.bits) bits"))
        }
        return key
    }
}

private let recordBytesMax = 8192
