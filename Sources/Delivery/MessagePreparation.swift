import InternetMessage
import MailAuthentication
import MailModel

/// What is done to a message between the queue and the wire: 7-bit form where the next host needs it, then signatures.
struct MessagePreparation: Sendable {
    let content: [UInt8]
    let needsConversion: Bool
    let at: Timestamp
    /// For a message of others.
    let seal: Seal?

    /// What the message was found to be when it came in, and who says so on its way out.
    struct Seal: Sendable {
        var results: ArrivalResults
        var signer: DKIMSigner
        var host: DomainName
    }

    init(content: [UInt8], isEightBit: Bool, takesEightBit: Bool, seal: Seal? = nil, at: Timestamp) {
        self.content = content
        self.seal = seal
        self.at = at
        needsConversion = isEightBit && !takesEightBit
    }

    /// The domain whose keys sign: that of the first From address, as DMARC aligns with it (RFC 7489 §3.1).
    var signingDomain: DomainName? {
        guard case .success(let header) = HeaderSection.scan(content), let from = header.first("from", in: content),
            case .success(let addresses) = AddressList.parse(content, in: from.value)
        else { return nil }
        return addresses.first?.domain
    }

    /// The octets to send. Fails for good where the 7-bit form would lose something; for now where a signature cannot be made, since mail
    /// that should be signed must not leave without.
    func prepared(signers: [DKIMSigner]) -> Result<[UInt8], DeliveryFailure> {
        var message = content
        if needsConversion {
            guard let converted = SevenBit.convert(content) else {
                return .failure(
                    .local(
                        554, EnhancedStatusCode(5, 6, 3), "The next host takes 7-bit mail only, and this message cannot be converted",
                        scope: .message, stage: .mail))
            }
            message = converted
        }
        guard !signers.isEmpty || seal != nil, case .success(let header) = HeaderSection.scan(message) else { return .success(message) }
        do {
            let signed = try DKIM.signatures(content: message, header: header, signers: signers, at: at) + message
            return .success(try sealed(signed))
        } catch {
            return .failure(
                .local(451, EnhancedStatusCode(4, 7, 0), "The DKIM signature could not be made: \(error)", scope: .message, stage: .mail))
        }
    }

    /// With one more ARC set on top, where one may be added.
    private func sealed(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let seal, case .success(let header) = HeaderSection.scan(message) else { return message }
        let fields = try ARC.seal(
            content: message, header: header, chain: seal.results.chain, host: seal.host, results: seal.results.text, signer: seal.signer,
            at: at)
        return fields.map { $0 + message } ?? message
    }
}
