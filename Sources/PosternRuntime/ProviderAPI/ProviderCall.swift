import Delivery
import DeliveryPlanning
import MailModel
import NIOCore
import OutboundPolicy

/// One call of a provider's API, at the address that was resolved for it.
struct ProviderCall {
    private let call: APICall
    private let request: HandOverRequest

    init(_ call: APICall, token: String) {
        self.call = call
        request = HandOverRequest(call.api, mailbox: call.mailbox, token: token, content: call.content)
    }

    /// `completion` comes on the loop, once.
    func begin(
        by client: OutboundHTTP, on loop: any EventLoop, completion: @escaping (Result<APIReply.Answer, DeliveryFailure>) -> Void
    ) {
        guard call.isEncrypted || call.endpoint.address.isLoopback, let target else {
            return completion(.failure(ProviderCall.failed("\(call.endpoint.hostName) is not called without TLS")))
        }
        let api = call.api
        let completion = UncheckedTransfer(completion)
        client.begin(request.post, to: target, at: call.endpoint.address, on: loop).whenComplete { result in
            switch result {
            case .success(let answer): completion.value(.success(HandOverAnswer.read(answer, of: api)))
            case .failure(let error):
                let text = (error as? HTTPFault)?.text ?? "\(error)"
                completion.value(.failure(ProviderCall.failed("\(api.host): \(text)")))
            }
        }
    }

    private var target: HTTPTarget? {
        let name = call.endpoint.hostName
        guard let host = IPAddress(name).map(HTTPTarget.Host.address) ?? DomainName(name).map(HTTPTarget.Host.name) else {
            return nil
        }
        return HTTPTarget(
            host: host, port: call.endpoint.port, isEncrypted: call.isEncrypted, path: request.path, allowsPrivateAddresses: true)
    }

    private static func failed(_ text: String) -> DeliveryFailure {
        .local(451, EnhancedStatusCode(4, 4, 1), text, scope: .host, stage: .connect)
    }
}
