/// Why there is no token.
package struct TokenFault: Error, Hashable, Sendable {
    /// `AADSTS700016`, or the `error` of RFC 6749 §5.2 (`invalid_grant`), or `unreachable`, `answer`, `secret` for what we found ourselves.
    package var code: String
    /// The endpoint's words on one line, or ours.
    package var text: String
    /// True where a person has to mend something first.
    package var isLasting: Bool
    /// Seconds to wait, as the endpoint asked for.
    package var retryAfter: Int?

    package init(code: String, text: String, isLasting: Bool = false, retryAfter: Int? = nil) {
        self.code = code
        self.text = text
        self.isLasting = isLasting
        self.retryAfter = retryAfter
    }

    /// Reads a refusal. `status`: of HTTP. `error` and `description`: of its JSON, nil where it had none.
    package static func refusal(status: Int, error: String?, description: String?, retryAfter: Int? = nil) -> TokenFault {
        let words = oneLine(description ?? error ?? "answered \(status) without a reason")
        let code = microsoftCode(in: words) ?? error ?? "answer"
        let isBusy = status == 408 || status == 429 || status >= 500 || error == "temporarily_unavailable" || error == "server_error"
        return TokenFault(code: code, text: words, isLasting: !isBusy && error != nil, retryAfter: retryAfter)
    }

    /// The first `AADSTS` number.
    private static func microsoftCode(in text: String) -> String? {
        guard text.hasPrefix("AADSTS") else { return nil }
        let digits = text.dropFirst(6).prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? nil : "AADSTS" + digits
    }

    private static let textMax = 300

    private static func oneLine(_ text: String) -> String {
        let words = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        return words.count <= textMax ? words : words.prefix(textMax) + "…"
    }

    /// The step that is missing, as an instruction; nil where the code says nothing certain.
    package var advice: String? { TokenFault.steps.first { $0.codes.contains(code) }?.step }

    /// Microsoft: learn.microsoft.com/entra/identity-platform/reference-error-codes. Others: RFC 6749 §5.2, developers.google.com/identity.
    private static let steps: [(codes: Set<String>, step: String)] = [
        (
            ["AADSTS700016"],
            "No application with this client id is known in this tenant. Compare --client-id with \"Application (client) ID\" of the app "
                + "registration, and --tenant with \"Directory (tenant) ID\" on the same page."
        ),
        (
            ["AADSTS7000215"],
            "The client secret is wrong. Take the secret's Value, not its Secret ID, from Certificates & secrets; make a new one where the "
                + "value was not kept."
        ),
        (["AADSTS7000222"], "The client secret has expired. Make a new one at Certificates & secrets of the app registration."),
        (
            ["AADSTS90002", "AADSTS900023", "AADSTS90013"],
            "There is no such tenant. Take --tenant from \"Directory (tenant) ID\" of the app registration; national clouds need their own "
                + "--token-url."
        ),
        (
            ["AADSTS65001", "AADSTS65004"],
            "Nobody consented. At API permissions of the app registration add Office 365 Exchange Online, Application permissions, "
                + "SMTP.SendAsApp, then choose \"Grant admin consent\"."
        ),
        (
            ["AADSTS700027", "AADSTS7000229", "AADSTS700024", "AADSTS50027"],
            "The signed assertion was not taken. Upload this certificate at Certificates & secrets of the app registration, look whether it "
                + "has expired, and whether this machine's clock is right."
        ),
        (
            ["AADSTS7000112", "AADSTS7000211"],
            "The enterprise application is disabled. Enable sign-in for it at Enterprise applications, Properties."
        ),
        (
            ["AADSTS53003"],
            "A Conditional Access policy for workload identities stands against this application. Exempt it, or allow this network's address."
        ),
        (["AADSTS700082", "AADSTS50173"], "The refresh token has expired. Consent once more and give the route the new one."),
        (
            ["AADSTS1002012", "AADSTS70011", "invalid_scope"],
            "The right that is asked for does not exist there. Use the provider's own endpoint, or correct --token-url."
        ),
        (
            ["invalid_grant"],
            "The refresh token or assertion is no longer valid: consent was withdrawn, the password was changed, the token was not used for "
                + "six months, the app is in testing (seven days), or the clock is wrong. Consent once more; for a service account look at its "
                + "key and at the mailbox that it acts for."
        ),
        (
            ["invalid_client"],
            "The client id or its secret is wrong. Copy both once more from the provider's page of this client."
        ),
        (
            ["unauthorized_client"],
            "The client may not do this. For a Google service account: Admin console, Security, API controls, Domain-wide delegation: add its "
                + "client id with the scope https://mail.google.com/."
        ),
        (["access_denied"], "An administrator of the organisation does not allow this application. Ask for it to be allowed."),
        (
            ["unreachable"],
            "The token endpoint cannot be reached. Allow HTTPS from this machine to login.microsoftonline.com or oauth2.googleapis.com."
        ),
        (["secret"], "What the route keeps cannot be used. Remove the route and add it again with its secret."),
    ]
}
