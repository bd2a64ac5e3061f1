import InternetMessage
import MailAuthentication
import MailModel

/// What is done to a message between the queue and the wire: 7-bit form where the next host needs it, then signatures.
struct MessagePreparation: Sendable {
    let content: [UInt8]
    let needsConversion: Bool
    let at: Timestamp

    init(content: [UInt8], isEightBit: Bool, takesEightBit: Bool, at: Timestamp) {
        self.content = content
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
        guard !signers.isEmpty, case .success(let header) = HeaderSection.scan(message) else { return .success(message) }
        do {
            return .success(try DKIM.signatures(content: message, header: header, signers: signers, at: at) + message)
        } catch {
            return .failure(
                .local(451, EnhancedStatusCode(4, 7, 0), "The DKIM signature could not be made: \(error)", scope: .message, stage: .mail))
        }
    }
}
