import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// Answers of providers' APIs in the terms of SMTP, and what follows of them.
@Suite struct APIReplyTests {
    private func failure(_ api: HopAPI, _ status: Int, _ code: String, _ text: String = "words", after: Int? = nil) throws
        -> DeliveryFailure
    {
        let answer = APIReply.Answer(status: status, code: code, text: text, retryAfter: after)
        guard case .failure(let failure) = APIReply.result(answer, of: api) else { throw Missing() }
        return failure
    }

    private struct Missing: Error {}

    @Test func `accepted is delivered`() throws {
        let reply = try APIReply.result(APIReply.Answer(status: 202, text: "accepted"), of: .graph).get()
        #expect(reply.description == "250 2.0.0 Microsoft Graph: 202: accepted")
    }

    @Test(
        arguments: [
            (HopAPI.graph, 403, "ErrorSendAsDenied", "550 5.7.60", nil),
            (.graph, 403, "ErrorAccessDenied", "535 5.7.8", UpstreamCause.signIn),
            (.graph, 401, "InvalidAuthenticationToken", "535 5.7.8", .signIn), (.graph, 404, "ErrorInvalidUser", "535 5.7.8", .signIn),
            (.graph, 413, "", "552 5.3.4", nil), (.graph, 400, "ErrorMessageSizeExceeded", "552 5.3.4", nil),
            (.graph, 400, "ErrorInvalidRecipients", "550 5.1.3", nil), (.graph, 400, "ErrorMimeContentInvalid", "554 5.6.0", nil),
            (.graph, 429, "ApplicationThrottled", "451 4.7.1", nil), (.graph, 429, "MailboxConcurrency", "432 4.3.2", .tooManyConnections),
            (.graph, 503, "", "451 4.3.0", nil), (.graph, 507, "ErrorQuotaExceeded", "554 5.2.2", .mailboxFull),
            (.graph, 400, "ErrorExceededMessageLimit", "550 5.4.5", .dailyLimit),
            (.graph, 403, "ErrorMessageSubmissionBlocked", "550 5.1.8", .restricted),
            (.gmail, 403, "dailyLimitExceeded", "550 5.4.5", .dailyLimit), (.gmail, 403, "userRateLimitExceeded", "451 4.7.1", nil),
            (.gmail, 429, "rateLimitExceeded", "451 4.7.1", nil), (.gmail, 400, "failedPrecondition", "535 5.7.8", .signIn),
            (.gmail, 400, "invalidArgument", "554 5.6.0", nil), (.gmail, 401, "authError", "535 5.7.8", .signIn),
            (.gmail, 413, "uploadTooLarge", "552 5.3.4", nil), (.gmail, 500, "backendError", "451 4.3.0", nil),
        ] as [(HopAPI, Int, String, String, UpstreamCause?)])
    func `each answer has its reply, and only what is about the account stops it`(
        _ api: HopAPI, _ status: Int, _ code: String, _ codes: String, _ cause: UpstreamCause?
    ) throws {
        let failure = try failure(api, status, code)
        #expect(failure.reply.description.hasPrefix(codes))
        #expect(!failure.isLocal)
        #expect(UpstreamRules.judgement(of: failure, host: api.host)?.cause == cause)
        #expect(codes.hasPrefix("451 4.3") || ReplyMeaning.of(failure.reply, hint: ReplyProvider.of(host: api.host)) != nil)
    }

    @Test func `throttling slows down`() throws {
        let failure = try failure(.graph, 429, "ApplicationThrottled", after: 30)
        #expect(failure.reply.text == "Microsoft Graph: 429 ApplicationThrottled (again after 30 s): words")
        #expect(RuleTable(own: []).match(failure.reply.description, from: nil)?.action == .slowDown)
    }

    @Test func `a provider's words cannot break a line`() throws {
        let reply = try failure(.gmail, 400, "invalid\r\nArgument", "a\r\n250 OK\u{7}").reply
        #expect(reply.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        #expect(reply.text.utf8.count < 700)
    }
}
