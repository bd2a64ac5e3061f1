package import InternetMessage
package import MailModel

extension ARC {
    /// The names whose TXT records `verify` needs, without repetition; at most 51.
    package static func keyNames(content: [UInt8], header: HeaderSection) -> [DomainName] {
        guard case .sets(let sets) = ARCSet.read(content, header), let last = sets.last else { return [] }
        var names: [DomainName] = []
        if let signature = try? DKIMSignature(last.message, in: content, as: .arcMessage) { names.append(signature.recordName) }
        for name in sets.map(\.seal.recordName) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Checks a chain: the newest message signature and every seal (RFC 8617 §5.2). `keys`: as for `DKIM.verify`. Throws only where
    /// libcrypto fails.
    package static func verify(
        content: [UInt8], header: HeaderSection, keys: [DomainName: DNSAnswer<String>], at now: Timestamp
    ) throws(CryptoError) -> ARCChain {
        let sets: [ARCSet]
        switch ARCSet.read(content, header) {
        case .none: return .none
        case .fail(let reason, let instances): return .fail(reason: reason, instances: instances)
        case .sets(let found): sets = found
        }
        guard let newest = sets.last else { return .none }
        let check: SignatureCheck
        switch Result(catching: { () throws(DKIMSignature.Unusable) in try DKIMSignature(newest.message, in: content, as: .arcMessage) }) {
        case .failure(let fault): return .fail(reason: fault.reason, instances: sets.count)
        case .success(let signature): check = SignatureCheck(content: content, header: header, signature: signature)
        }
        if let fault = chain(try check.run(answer: keys[check.signature.recordName], now: now).outcome, "the message", sets.count) {
            return fault
        }
        for (place, set) in sets.enumerated().reversed() {
            if let fault = chain(try outcome(set.seal, before: sets[..<place], set, content, keys), "seal \(place + 1)", sets.count) {
                return fault
            }
        }
        return .pass(instances: sets.count, sealers: sets.map(\.seal.domain))
    }

    private static func outcome(
        _ seal: ARCSeal, before earlier: ArraySlice<ARCSet>, _ set: ARCSet, _ content: [UInt8], _ keys: [DomainName: DNSAnswer<String>]
    ) throws(CryptoError) -> DKIMVerification.Outcome {
        let key: DKIMPublicKey
        do throws(KeyFault) {
            key = try DKIMKeyRecord.fit(for: seal.algorithm, in: keys[seal.recordName]).get().key(for: seal.algorithm)
        } catch {
            return error.outcome
        }
        let fields = earlier.flatMap { [$0.results, $0.message, $0.seal.field] } + [set.results, set.message]
        let signed = ARCSeal.signed(fields, in: content, value: content[seal.field.value])
        return try key.isValid(seal.signature, for: signed) ? .pass : .fail("it does not fit")
    }

    private static func chain(_ outcome: DKIMVerification.Outcome, _ what: String, _ instances: Int) -> ARCChain? {
        switch outcome {
        case .pass: nil
        case .fail(let reason), .permanentError(let reason): .fail(reason: "\(what): \(reason)", instances: instances)
        case .temporaryError(let reason): .temporaryError(reason: "\(what): \(reason)")
        }
    }
}
