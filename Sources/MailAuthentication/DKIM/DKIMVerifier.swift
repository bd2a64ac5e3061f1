package import InternetMessage
package import MailModel

/// What became of one signature (RFC 6376 §6.1, RFC 8601 §2.7.1).
package struct DKIMVerification: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case pass
        /// The signature was checked and does not fit, or is over.
        case fail(String)
        /// It cannot be checked, now or later.
        case permanentError(String)
        case temporaryError(String)
    }

    /// `d=`; empty where it cannot be read.
    package var domain: String
    /// `s=`; empty where it cannot be read.
    package var selector: String
    package var outcome: Outcome
    /// True where `l=` leaves some of the body unsigned, so that text could have been added.
    package var isBodyPartial: Bool
}

extension DKIM {
    /// The names whose TXT records `verify` needs, without repetition.
    package static func keyNames(content: [UInt8], header: HeaderSection) -> [DomainName] {
        var names: [DomainName] = []
        for field in signatureFields(content, header) {
            if let name = try? DKIMSignature(field, in: content).recordName, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Checks each signature, in the order of the header. `keys`: TXT answers, the strings of a record put together, by the
    /// names of `keyNames`; a missing one counts as a temporary failure.
    /// Throws only where libcrypto fails.
    package static func verify(
        content: [UInt8], header: HeaderSection, keys: [DomainName: DNSAnswer<String>], at now: Timestamp
    ) throws(CryptoError) -> [DKIMVerification] {
        var results: [DKIMVerification] = []
        for field in signatureFields(content, header) {
            switch Result(catching: { () throws(DKIMSignature.Unusable) in try DKIMSignature(field, in: content) }) {
            case .failure(let fault):
                results.append(
                    DKIMVerification(
                        domain: fault.domain, selector: fault.selector, outcome: .permanentError(fault.reason), isBodyPartial: false))
            case .success(let signature):
                let check = SignatureCheck(content: content, header: header, signature: signature)
                results.append(try check.run(answer: keys[signature.recordName], now: now))
            }
        }
        return results
    }

    private static func signatureFields(_ content: [UInt8], _ header: HeaderSection) -> ArraySlice<HeaderField> {
        header.fields.filter { $0.isNamed("dkim-signature", in: content) }.prefix(signaturesMax)
    }
}

struct SignatureCheck {
    let content: [UInt8]
    let header: HeaderSection
    let signature: DKIMSignature

    func run(answer: DNSAnswer<String>?, now: Timestamp) throws(CryptoError) -> DKIMVerification {
        var result = DKIMVerification(
            domain: signature.domain.text, selector: signature.selector.text, outcome: .pass, isBodyPartial: false)
        if let expiration = signature.expiration, expiration < now.seconds {
            result.outcome = .fail("the signature has expired")
            return result
        }
        let record: DKIMKeyRecord
        let isStrictlyOther = signature.identityDomain != signature.domain
        switch DKIMKeyRecord.fit(for: signature.algorithm, in: answer, isIdentityOther: isStrictlyOther) {
        case .success(let found): record = found
        case .failure(let fault):
            result.outcome = fault.outcome
            return result
        }
        let key: DKIMPublicKey
        do throws(KeyFault) {
            key = try record.key(for: signature.algorithm)
        } catch {
            result.outcome = error.outcome
            return result
        }
        let body = try BodyHash(content, from: header.bodyStart, form: signature.bodyForm, bytesMax: signature.bodyBytes)
        result.isBodyPartial = (signature.bodyBytes ?? body.canonicalBytes) < body.canonicalBytes
        if (signature.bodyBytes ?? 0) > body.canonicalBytes {
            result.outcome = .permanentError("l= is longer than the body")
        } else if body.digest != signature.bodyHash {
            result.outcome = .fail("the body has changed")
        } else if try !key.isValid(signature.signature, for: signedHeader()) {
            result.outcome = .fail("the header has changed, or the key is another")
        }
        return result
    }

    /// The octets that the signature covers (RFC 6376 §3.7): each listed name takes the next field from below, and the signature's own
    /// field ends them, its `b=` empty and without a line end.
    private func signedHeader() -> [UInt8] {
        var signed: [UInt8] = []
        var waiting: [String: [HeaderField]] = [:]
        for field in header.fields { waiting[field.lowercaseName(in: content), default: []].append(field) }
        for name in signature.signedNames {
            if let field = waiting[name]?.popLast() { signature.headerForm.appendField(field, in: content, to: &signed) }
        }
        let field = signature.field
        let value = content[field.value]
        let empty = TagList.signatureRange(in: value) ?? value.endIndex..<value.endIndex
        switch signature.headerForm {
        case .simple:
            signed += content[field.start..<empty.lowerBound]
            signed += content[empty.upperBound..<field.valueEnd]
        case .relaxed:
            signed += "\(signature.kind.rawValue):".utf8
            Canonicalization.appendRelaxed([value[..<empty.lowerBound], value[empty.upperBound...]].joined(), to: &signed)
        }
        return signed
    }
}
