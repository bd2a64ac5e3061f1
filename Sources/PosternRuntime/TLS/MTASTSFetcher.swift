import DeliveryPlanning
import MailModel

/// Gets a domain's MTA-STS policy over HTTPS (RFC 8461 §3.3): under a good certificate, without redirects, bounded in octets and time, and
/// from public addresses unless others are allowed.
struct MTASTSFetcher: Sendable {
    let client: OutboundHTTP
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    /// 443 but for tests and closed networks.
    let port: Int
    let allowsSpecialAddresses: Bool

    func fetch(_ domain: DomainName) async -> Result<MTASTSPolicy, MTASTSFault> {
        guard let host = DomainName("mta-sts.\(domain)") else { return .failure(MTASTSFault("the domain's name is too long")) }
        let target = HTTPTarget(
            host: .name(host), port: port, isEncrypted: true, path: "/.well-known/mta-sts.txt",
            allowsPrivateAddresses: allowsSpecialAddresses)
        let address: IPAddress
        switch target.address(from: await addresses(host)) {
        case .success(let found): address = found
        case .failure(let fault): return .failure(MTASTSFault("\(host): \(fault.text)", .stsPolicyFetchError))
        }
        switch await client.get(target, at: address) {
        case .failure(let fault):
            return .failure(MTASTSFault("\(host): \(fault.text)", fault.isCertificate ? .stsWebPKIInvalid : .stsPolicyFetchError))
        case .success(let answer):
            // A redirect is not followed (RFC 8461 §3.3): who may set one on the web site does not thereby decide about mail.
            guard answer.status == 200 else {
                return .failure(MTASTSFault("\(host) answers with status \(answer.status)", .stsPolicyFetchError))
            }
            guard !answer.isCut else { return .failure(MTASTSFault("\(host) answers with more than \(MTASTSPolicy.bytesMax) octets")) }
            guard answer.type.map({ $0.lowercased().hasPrefix("text/plain") }) ?? false else {
                return .failure(MTASTSFault("\(host) answers with type \(answer.type ?? "unknown"), not text/plain"))
            }
            return MTASTSPolicy.read(answer.body)
        }
    }
}
