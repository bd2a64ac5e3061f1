package import MailModel
package import OutboundPolicy

/// What the answer of a provider's API means, in the terms of SMTP, so that rules, limits, retries and explanations go by it alike.
///
/// The text names the API, the status and the provider's own code: `Microsoft Graph: 403 ErrorSendAsDenied: …`.
package enum APIReply {
    /// Of an answer as it came.
    package struct Answer: Hashable, Sendable {
        /// Of HTTP.
        package var status: Int
        /// `ErrorAccessDenied` at Graph, `dailyLimitExceeded` at Gmail; empty where there is none.
        package var code: String
        /// In the provider's words.
        package var text: String
        /// Seconds; nil where the provider does not say.
        package var retryAfter: Int?

        package init(status: Int, code: String = "", text: String = "", retryAfter: Int? = nil) {
            self.status = status
            self.code = code
            self.text = text
            self.retryAfter = retryAfter
        }
    }

    package static func result(_ answer: Answer, of api: HopAPI) -> Result<SMTPReply, DeliveryFailure> {
        if (200...299).contains(answer.status) {
            return .success(SMTPReply(250, EnhancedStatusCode(2, 0, 0), words(answer, api)))
        }
        let kind = kind(answer, api)
        return .failure(.peer(SMTPReply(kind.code, kind.enhanced, words(answer, api)), scope: kind.scope, stage: kind.stage))
    }

    /// True where a fresh token may help.
    package static func refusesToken(_ answer: Answer) -> Bool { answer.status == 401 }

    private struct Kind {
        var code: Int
        var enhanced: EnhancedStatusCode
        var scope = FailureScope.message
        var stage = DeliveryStage.dot

        /// About the application or the mailbox, not about this message.
        static let signIn = Kind(code: 535, enhanced: EnhancedStatusCode(5, 7, 8), scope: .host, stage: .auth)
        static let sendAs = Kind(code: 550, enhanced: EnhancedStatusCode(5, 7, 60))
        static let tooLarge = Kind(code: 552, enhanced: EnhancedStatusCode(5, 3, 4))
        static let recipients = Kind(code: 550, enhanced: EnhancedStatusCode(5, 1, 3))
        static let content = Kind(code: 554, enhanced: EnhancedStatusCode(5, 6, 0))
        static let rate = Kind(code: 451, enhanced: EnhancedStatusCode(4, 7, 1))
        static let connections = Kind(code: 432, enhanced: EnhancedStatusCode(4, 3, 2))
        static let daily = Kind(code: 550, enhanced: EnhancedStatusCode(5, 4, 5))
        static let restricted = Kind(code: 550, enhanced: EnhancedStatusCode(5, 1, 8))
        static let mailboxFull = Kind(code: 554, enhanced: EnhancedStatusCode(5, 2, 2))
        static let forNow = Kind(code: 451, enhanced: EnhancedStatusCode(4, 3, 0), scope: .host)
        static let unknown = Kind(code: 554, enhanced: EnhancedStatusCode(5, 0, 0))
    }

    private static func kind(_ answer: Answer, _ api: HopAPI) -> Kind {
        switch api {
        case .graph: graph[answer.code.lowercased()] ?? byStatus(answer.status)
        case .gmail: gmail[answer.code.lowercased()] ?? byStatus(answer.status)
        }
    }

    /// learn.microsoft.com/graph/errors and the error codes of Exchange, which Graph hands through.
    private static let graph: [String: Kind] = [
        "errorsendasdenied": .sendAs, "erroraccessdenied": .signIn, "authorization_requestdenied": .signIn, "errorinvaliduser": .signIn,
        "mailboxnotenabledforrestapi": .signIn, "request_resourcenotfound": .signIn, "resourcenotfound": .signIn,
        "errormessagesizeexceeded": .tooLarge, "errorinvalidrecipients": .recipients, "errormissinginformationsendto": .recipients,
        "errormimecontentinvalid": .content, "errormimecontentinvalidbase64string": .content,
        "errorexceededmessagelimit": .daily, "errormessagesubmissionblocked": .restricted, "errorquotaexceeded": .mailboxFull,
        "applicationthrottled": .rate, "errortoomanyobjectsopened": .connections, "mailboxconcurrency": .connections,
        "errorserverbusy": .forNow,
    ]

    /// developers.google.com/workspace/gmail/api/guides/handle-errors
    private static let gmail: [String: Kind] = [
        "dailylimitexceeded": .daily, "ratelimitexceeded": .rate, "userratelimitexceeded": .rate, "quotaexceeded": .rate,
        "autherror": .signIn, "insufficientpermissions": .signIn, "forbidden": .signIn, "domainpolicy": .signIn,
        "accessnotconfigured": .signIn, "delegationdenied": .signIn, "failedprecondition": .signIn, "invalidargument": .content,
        "uploadtoolarge": .tooLarge, "backenderror": .forNow,
    ]

    private static func byStatus(_ status: Int) -> Kind {
        switch status {
        case 401, 403, 404: .signIn
        case 408, 500...599: .forNow
        case 413: .tooLarge
        case 429: .rate
        case 400, 415, 422: .content
        default: .unknown
        }
    }

    private static func words(_ answer: Answer, _ api: HopAPI) -> String {
        let name = api == .graph ? "Microsoft Graph" : "Gmail API"
        var text = "\(name): \(answer.status)"
        if !answer.code.isEmpty { text += " \(plain(answer.code))" }
        if let seconds = answer.retryAfter { text += " (again after \(seconds) s)" }
        let words = plain(answer.text)
        return words.isEmpty ? text : "\(text): \(words)"
    }

    /// On one line, bounded, in what SMTP can say.
    private static func plain(_ text: String) -> String {
        String(decoding: text.utf8.prefix(textBytesMax).map { (0x20...0x7E).contains($0) ? $0 : 0x20 }, as: UTF8.self)
    }

    private static let textBytesMax = 300
}
