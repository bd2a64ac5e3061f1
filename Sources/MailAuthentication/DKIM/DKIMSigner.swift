package import InternetMessage
package import MailModel

/// Under which name a message is signed, and with which key.
package struct DKIMSigner: Sendable {
    package let domain: DomainName
    /// One or more labels (RFC 6376 §3.1).
    package let selector: DomainName
    package let key: DKIMPrivateKey

    /// Nil where a name is not ASCII: signatures carry A-labels (RFC 8616 §3 allows others in UTF-8 headers only).
    package init?(domain: DomainName, selector: DomainName, key: DKIMPrivateKey) {
        guard domain.isASCII, selector.isASCII else { return nil }
        self.domain = domain
        self.selector = selector
        self.key = key
    }

    /// Where the public record is published.
    package var recordName: String { "\(selector)._domainkey.\(domain)" }
}

extension DKIM {
    /// The DKIM-Signature fields that go on top of the content, one for each signer, in their order.
    ///
    /// relaxed/relaxed, no `l=`; `at` becomes `t=`, and `x=` stands where `expiresAfter` is given. From and the other fields that a
    /// reader shows are listed once more than they stand, so that another cannot be added. `header`: of this content, the very octets
    /// that will be sent. The body is hashed once for all signers. Throws only where libcrypto fails.
    package static func signatures(
        content: [UInt8], header: HeaderSection, signers: [DKIMSigner], at time: Timestamp, expiresAfter: Duration? = nil
    ) throws(CryptoError) -> [UInt8] {
        guard !signers.isEmpty else { return [] }
        let bodyHash = try BodyHash(content, from: header.bodyStart, form: .relaxed)
        let selection = SignedFields(content, header)
        var fields: [UInt8] = []
        for signer in signers {
            var value = "v=1; a=\(signer.key.algorithm.rawValue); c=relaxed/relaxed; d=\(signer.domain);\r\n\ts=\(signer.selector);"
            value += " t=\(time.seconds);"
            if let expiresAfter { value += " x=\((time + expiresAfter).seconds);" }
            value += "\r\n\th=\(selection.list);\r\n\tbh=\(String(decoding: Base64.encode(bodyHash.digest), as: UTF8.self));\r\n\tb="
            var signed = selection.canonical
            signed += "dkim-signature:".utf8
            Canonicalization.appendRelaxed(value.utf8, to: &signed)
            let signature = try signer.key.sign(signed)
            fields += "DKIM-Signature: ".utf8
            fields += value.utf8
            appendFolded(Base64.encode(signature), to: &fields)
        }
        return fields
    }

    static func appendFolded(_ digits: [UInt8], to output: inout [UInt8]) {
        for start in stride(from: 0, to: digits.count, by: signatureColumns) {
            if start > 0 { output += "\r\n\t".utf8 }
            output += digits[start..<min(start + signatureColumns, digits.count)]
        }
        output += "\r\n".utf8
    }

    private static let signatureColumns = 70
}

/// Which fields a signature covers: the `h=` list, and their canonical octets in its order.
struct SignedFields {
    private(set) var list = ""
    private(set) var canonical: [UInt8] = []

    /// Listed once more than they stand, also where they do not stand at all: RFC 6376 §8.15.
    private static let oversigned = ["from", "to", "cc", "subject", "date", "message-id", "reply-to"]
    private static let signedIfPresent: Set<String> = [
        "sender", "mime-version", "in-reply-to", "references", "feedback-id", "auto-submitted",
    ]

    /// `signsDKIM`: DKIM-Signature fields too (RFC 8617 §4.1.2).
    init(_ content: [UInt8], _ header: HeaderSection, signsDKIM: Bool = false) {
        var column = "h=".count
        for name in SignedFields.oversigned {
            // The lowest of a name is signed first (RFC 6376 §5.4.2).
            for field in header.fields.reversed() where field.isNamed(name, in: content) { add(name, field, content, &column) }
            append(name, &column)
        }
        var others: [(name: String, field: HeaderField)] = []
        for field in header.fields.reversed() {
            let name = field.lowercaseName(in: content)
            if SignedFields.isSignedIfPresent(name) || signsDKIM && name == "dkim-signature" { others.append((name, field)) }
        }
        for (name, field) in others { add(name, field, content, &column) }
    }

    private mutating func add(_ name: String, _ field: HeaderField, _ content: [UInt8], _ column: inout Int) {
        append(name, &column)
        Canonicalization.relaxed.appendField(field, in: content, to: &canonical)
    }

    private mutating func append(_ name: String, _ column: inout Int) {
        if !list.isEmpty {
            list += ":"
            column += 1
            if column + name.utf8.count > 72 {
                list += "\r\n\t "
                column = 2
            }
        }
        list += name
        column += name.utf8.count
    }

    private static func isSignedIfPresent(_ name: String) -> Bool {
        signedIfPresent.contains(name) || name.hasPrefix("content-") || name.hasPrefix("list-")
    }
}
