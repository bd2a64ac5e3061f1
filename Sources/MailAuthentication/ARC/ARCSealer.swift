package import InternetMessage
package import MailModel

extension ARC {
    /// The three fields that go on top of the content: what was found when it arrived, a signature of the message as it is now, and the
    /// seal over the whole chain, of one instance more than `chain` has (RFC 8617 §5.1).
    ///
    /// Nil where nothing may be added: the chain has been sealed as failed before, is as long as it may be, shows no instance that could
    /// be followed, or could not be checked for now. `results`: what stands behind the name of the host in Authentication-Results
    /// (RFC 8601), without line ends. Throws only where libcrypto fails.
    package static func seal(
        content: [UInt8], header: HeaderSection, chain: ARCChain, host: DomainName, results: String, signer: DKIMSigner,
        at time: Timestamp
    ) throws(CryptoError) -> [UInt8]? {
        guard host.isASCII, results.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        let (last, validation): (Int, ARCSeal.Validation)
        switch chain {
        case .none: (last, validation) = (0, .none)
        case .pass(let instances, _): (last, validation) = (instances, .pass)
        case .fail(_, let instances): (last, validation) = (instances, .fail)
        case .temporaryError: return nil
        }
        let earlier = ARCSet.read(content, header)
        guard last < instancesMax, validation != .fail || last > 0 && !isSealedAsFailed(content, header) else { return nil }
        let instance = last + 1
        var made = Made()
        made.add("ARC-Authentication-Results", " i=\(instance); \(host);\r\n\t\(ResultsField.folded(results))")
        try made.addMessage(instance, content, header, signer, at: time)
        var sealed = validation == .fail ? [] : earlier.canonical(content)
        sealed += made.canonical
        try made.addSeal(instance, validation, over: &sealed, signer, at: time)
        return made.fields
    }

    /// Nobody seals after that (RFC 8617 §5.1.2).
    private static func isSealedAsFailed(_ content: [UInt8], _ header: HeaderSection) -> Bool {
        header.fields.contains { field in
            field.isNamed("arc-seal", in: content) && ARCSeal(field, in: content)?.validation == .fail
        }
    }
}

extension ARCSet.Reading {
    /// The fields of all sets, as a seal covers them.
    fileprivate func canonical(_ content: [UInt8]) -> [UInt8] {
        guard case .sets(let sets) = self else { return [] }
        var octets: [UInt8] = []
        for field in sets.flatMap({ [$0.results, $0.message, $0.seal.field] }) {
            Canonicalization.relaxed.appendField(field, in: content, to: &octets)
        }
        return octets
    }
}

/// Fields of a new set: the later one stands above.
private struct Made {
    private(set) var fields: [UInt8] = []
    /// As the seal covers them.
    private(set) var canonical: [UInt8] = []

    /// `value`: with the space in front.
    mutating func add(_ name: String, _ value: String) { add(name, Array(value.utf8)) }

    private mutating func add(_ name: String, _ value: [UInt8]) {
        fields = Array("\(name):".utf8) + value + Array("\r\n".utf8) + fields
        canonical += "\(name.lowercased()):".utf8
        Canonicalization.appendRelaxed(value, to: &canonical)
        canonical += "\r\n".utf8
    }

    mutating func addMessage(
        _ instance: Int, _ content: [UInt8], _ header: HeaderSection, _ signer: DKIMSigner, at time: Timestamp
    ) throws(CryptoError) {
        let selection = SignedFields(content, header, signsDKIM: true)
        let body = try BodyHash(content, from: header.bodyStart, form: .relaxed)
        var value = " i=\(instance); a=\(signer.key.algorithm.rawValue); c=relaxed/relaxed; d=\(signer.domain);\r\n\ts=\(signer.selector);"
        value +=
            " t=\(time.seconds);\r\n\th=\(selection.list);\r\n\tbh=\(String(decoding: Base64.encode(body.digest), as: UTF8.self));\r\n\tb="
        var signed = selection.canonical
        signed += "arc-message-signature:".utf8
        Canonicalization.appendRelaxed(value.utf8, to: &signed)
        add("ARC-Message-Signature", Array(value.utf8) + Made.folded(try signer.key.sign(signed)))
    }

    mutating func addSeal(
        _ instance: Int, _ validation: ARCSeal.Validation, over sealed: inout [UInt8], _ signer: DKIMSigner, at time: Timestamp
    ) throws(CryptoError) {
        let value = Array(
            " i=\(instance); a=\(signer.key.algorithm.rawValue); cv=\(validation.rawValue); d=\(signer.domain);\r\n\ts=\(signer.selector); t=\(time.seconds);\r\n\tb="
                .utf8)
        ARCSeal.appendSeal(value[...], to: &sealed)
        add("ARC-Seal", value + Made.folded(try signer.key.sign(sealed)))
    }

    /// Without the line end.
    private static func folded(_ signature: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        DKIM.appendFolded(Base64.encode(signature), to: &output)
        return output.dropLast(2)
    }
}
