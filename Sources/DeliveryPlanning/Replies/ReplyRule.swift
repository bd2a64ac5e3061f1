import MailModel
package import OutboundPolicy

/// One entry of the table of replies.
package struct ReplyRule: Sendable {
    /// Stable and unique: `exchange-online.5.1.8-as-42004`.
    package let name: String
    package let provider: ReplyProvider
    package let replyClass: ReplyClass
    package let whoActs: ReplyActor
    package let retry: ReplyRetry
    package let upstream: UpstreamCause?
    package let meaning: String
    package let advice: String
    /// A reply that it is for.
    package let example: String
    /// Replies that look like it and are another's.
    package let counterexamples: [String]
    /// Empty for any. A reply without a code matches; one with a code has to be of the same class (4xx or 5xx).
    private let codes: [Int]
    /// True where the code alone says what happened, and has to be there.
    private let needsCode: Bool
    private let enhanced: [EnhancedRange]
    /// False where the enhanced code is only what usually comes with the words.
    private let needsEnhanced: Bool
    private let pattern: ReplyPattern

    /// `codes`: reply codes and enhanced codes, several for either: `550 5.7.700-749`. In parentheses: what the provider usually gives, and
    /// need not; with `!`: this code and no other. `words`: see `ReplyPattern`.
    init(
        _ name: String, _ provider: ReplyProvider, _ codes: String, _ words: String, _ replyClass: ReplyClass, _ whoActs: ReplyActor,
        _ retry: ReplyRetry, upstream: UpstreamCause? = nil, meaning: String, advice: String, example: String,
        counterexamples: [String]
    ) {
        self.name = name
        self.provider = provider
        self.replyClass = replyClass
        self.whoActs = whoActs
        self.retry = retry
        self.upstream = upstream
        self.meaning = meaning
        self.advice = advice
        self.example = example
        self.counterexamples = counterexamples
        let parts = codes.split(separator: " ")
        self.codes = parts.compactMap { Int($0.filter { $0 != "!" }) }
        needsCode = codes.contains("!")
        needsEnhanced = !codes.contains("(")
        enhanced = parts.filter { $0.contains(".") }.map { EnhancedRange($0.filter { $0 != "(" && $0 != ")" }) }
        pattern = ReplyPattern(words)
    }

    func matches(_ reply: ReplyText) -> Bool {
        if needsCode {
            guard let code = reply.code, codes.contains(code) else { return false }
        } else if let code = reply.code, !codes.isEmpty, !codes.contains(where: { $0 / 100 == code / 100 }) {
            return false
        }
        if needsEnhanced, !enhanced.isEmpty, !reply.enhanced.contains(where: { code in enhanced.contains { $0.contains(code) } }) {
            return false
        }
        return pattern.matches(reply)
    }

    func meaning(of reply: ReplyText, isQuoted: Bool) -> ReplyMeaning {
        ReplyMeaning(
            rule: name, provider: provider, replyClass: replyClass,
            enhancedCode: reply.enhanced.first { code in enhanced.contains { $0.contains(code) } } ?? reply.enhanced.first
                ?? enhanced.first?.first,
            meaning: meaning, whoActs: whoActs, retry: retry, advice: advice, upstream: upstream, isQuoted: isQuoted)
    }
}

/// `5.1.8` or `5.7.700-749`.
private struct EnhancedRange: Sendable {
    let first: EnhancedStatusCode
    let lastDetail: Int

    init(_ text: String) {
        let ends = text.split(separator: "-")
        guard let code = EnhancedStatusCode(ends[0]), let last = ends.count == 1 ? code.detail : Int(ends[1]) else {
            preconditionFailure("a code in the table of replies: \(text)")
        }
        first = code
        lastDetail = last
    }

    func contains(_ code: EnhancedStatusCode) -> Bool {
        code.statusClass == first.statusClass && code.subject == first.subject && (first.detail...lastDetail).contains(code.detail)
    }
}
