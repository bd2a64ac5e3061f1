import Delivery
import DeliveryPlanning
import Foundation
import NIOCore
import OutboundPolicy

/// A call of a provider's API as it goes over the wire.
struct HandOverRequest {
    /// Begins with a slash.
    let path: String
    let post: HTTPPost

    /// From the begin of a call to the end of its answer; a whole message goes up.
    static let timeout = TimeAmount.seconds(300)

    init(_ api: HopAPI, mailbox: String, token: String, content: [UInt8]) {
        let user = HandOverRequest.encoded(mailbox)
        let authorization = (name: "Authorization", value: "Bearer \(token)")
        switch api {
        case .graph:
            path = "/v1.0/users/\(user)/sendMail"
            post = HTTPPost(
                type: "text/plain", fields: [authorization], body: Array(Data(content).base64EncodedData()),
                timeout: HandOverRequest.timeout)
        case .gmail:
            path = "/upload/gmail/v1/users/\(user)/messages/send?uploadType=media"
            post = HTTPPost(
                type: "message/rfc822", fields: [authorization], body: content, timeout: HandOverRequest.timeout)
        }
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.intersection(ascii).union(CharacterSet(charactersIn: "-._~@")))
            ?? ""
    }

    private static let ascii = CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(127))
}

/// An API's answer, with the provider's code out of its JSON.
enum HandOverAnswer {
    /// `{"error": {"code": "ErrorAccessDenied", "message": "…"}}`; Graph names the reason within in `innerError`.
    private struct Graph: Decodable {
        struct Problem: Decodable {
            var code: String?
            var message: String?
        }

        var error: Problem?
    }

    /// `{"error": {"code": 403, "message": "…", "status": "…", "errors": [{"reason": "dailyLimitExceeded"}]}}`
    private struct Gmail: Decodable {
        struct Reason: Decodable { var reason: String? }

        struct Problem: Decodable {
            var message: String?
            var errors: [Reason]?
        }

        var error: Problem?
        var id: String?
    }

    static func read(_ answer: HTTPAnswer, of api: HopAPI) -> APIReply.Answer {
        var read = APIReply.Answer(status: answer.status, retryAfter: answer.retryAfter)
        let body = Data(answer.body)
        switch api {
        case .graph:
            let problem = (try? JSONDecoder().decode(Graph.self, from: body))?.error
            read.code = problem?.code ?? ""
            read.text = problem?.message ?? (answer.status == 202 ? "accepted" : "")
            // Throttling of a mailbox has one code for rate and for calls at a time; the words tell them apart.
            if read.text.contains("MailboxConcurrency") { read.code = "MailboxConcurrency" }
        case .gmail:
            let found = try? JSONDecoder().decode(Gmail.self, from: body)
            read.code = found?.error?.errors?.first?.reason ?? ""
            read.text = found?.error?.message ?? found?.id.map { "message \($0)" } ?? ""
        }
        return read
    }
}
