import MailModel

/// Why somebody who came by a provider is not let in.
struct SignInFault: Error, Hashable {
    /// A word for the audit: `nonce`, `signature`, `no-account`.
    var code: String
    /// What was wrong, for whoever tries to sign in.
    var text: String
    /// What to do about it.
    var advice: String
    /// More of it, for the audit alone.
    var detail = ""
    /// True for what guessing looks like: it counts with all failed sign-ins from there.
    var isSuspicious = false

    /// Of a token or an answer that is not to be believed. `text` says what of it, for administrators.
    static func untrusted(_ code: String, _ detail: String) -> SignInFault {
        SignInFault(
            code: code, text: "What the provider answered cannot be trusted (\(code))",
            advice: "Try once more from the beginning. If it stays so, tell your administrator: the audit log says what was wrong.",
            detail: detail, isSuspicious: true)
    }

    /// Of a provider that does not answer as it should, without anybody's guilt.
    static func unavailable(_ code: String, _ detail: String) -> SignInFault {
        SignInFault(
            code: code, text: "The provider cannot be asked at this moment (\(code))",
            advice: "Try again in a minute. An administrator sees what is wrong with `postern sign-in check`.", detail: detail)
    }

    /// For the audit: one line.
    var reason: String {
        let text = detail.isEmpty ? text : detail
        return String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 }.prefix(300))
    }
}
