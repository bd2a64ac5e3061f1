import DeliveryPlanning
import MailModel
import Storage

/// What a reply means, or what became of a message, in plain words. The field names are those that scripts rely on.
package struct Explanation: Codable, Hashable, Sendable {
    /// Whose reply it is: `exchange-online`, `gmail`, `generic` …; `unknown` where no rule knows it.
    package var provider: String
    /// `unknown` where no rule knows the reply; `none` for a message whose last replies were no refusals.
    package var replyClass: String
    /// Empty where neither the reply nor the rule has one.
    package var enhancedCode: String
    package var meaning: String
    /// `sender`, `sender_admin`, `gateway_operator`, `recipient`, `recipient_admin`, `provider_support`, `none` or `unknown`.
    package var whoActs: String
    /// `no`, `wait`, `backoff`, `after_fix` or `unknown`.
    package var retry: String
    package var advice: String
    /// What to tell the person who wrote, without words of the trade; empty where nothing is known.
    package var tellSender = ""
    /// The rule that matched; empty for none.
    package var rule: String
    /// The message that was asked about; empty for a reply.
    package var message = ""
    /// What happened to the message, a sentence each; empty for a reply.
    package var story: [String] = []

    private enum CodingKeys: String, CodingKey {
        case provider
        case replyClass = "class"
        case enhancedCode = "enhanced_code"
        case meaning
        case whoActs = "who_acts"
        case retry, advice
        case tellSender = "tell_sender"
        case rule, message, story
    }

    init(_ meaning: ReplyMeaning) {
        provider = meaning.provider.rawValue
        replyClass = meaning.replyClass.rawValue
        enhancedCode = meaning.enhancedCode?.description ?? ""
        self.meaning = meaning.meaning
        whoActs = meaning.whoActs.rawValue
        retry = meaning.retry.rawValue
        advice = meaning.advice
        tellSender = meaning.replyClass.tellSender
        rule = meaning.rule
    }

    private init(unknown meaning: String, replyClass: String, advice: String) {
        (provider, self.replyClass, enhancedCode) = ("unknown", replyClass, "")
        self.meaning = meaning
        (whoActs, retry, self.advice, rule) = ("unknown", "unknown", advice, "")
    }

    /// `host`: whose reply it is, where that is known.
    package static func ofReply(_ text: String, host: String? = nil) -> Explanation {
        if let meaning = ReplyMeaning.of(text: text, hint: host.flatMap(ReplyProvider.of)) { return Explanation(meaning) }
        return Explanation(
            unknown: "No rule knows this reply.", replyClass: "unknown",
            advice: "Read its words. A code that begins with 4 is refused for now, one that begins with 5 for good.")
    }

    /// What this gate did not take. `rows`: at least one, a refusal each.
    static func ofRefusals(_ rows: [TraceRow]) -> Explanation {
        var explanation = Explanation(
            unknown: "This gate did not take the message; nothing of it was kept.", replyClass: "refused-here",
            advice: "The findings say why, and what was looked at.")
        explanation.provider = "postern"
        explanation.enhancedCode = rows[0].reply?.enhancedCode?.description ?? ""
        explanation.retry = rows[0].reply?.isTransientFailure == true ? "backoff" : "after_fix"
        explanation.rule = rows[0].findings.first?.rule ?? ""
        explanation.message = rows[0].id.message.description
        explanation.story = rows.flatMap { row in
            let recipient = row.recipient.isEmpty ? "" : " to \(row.recipient)"
            let words = row.reply.map { ["The reply was: \($0)"] } ?? []
            return ["\(row.time.rfc3339): mail of \(row.sender)\(recipient) was refused."] + words
                + row.findings.map { "\($0.explanation) (\($0.rule): \($0.matched))" }
        }
        return explanation
    }

    /// `meaning`: of the last refusal that still matters; nil where there is none.
    static func ofMessage(_ detail: MessageDetail) -> Explanation {
        let last = detail.events.last { event in
            event.reply?.isPositive == false
                && detail.recipients.contains { $0.index == event.index && $0.state != .delivered }
        }
        var explanation = Explanation(
            unknown: "No host refuses this message.", replyClass: "none", advice: "")
        explanation.provider = "none"
        explanation.whoActs = "none"
        if let reply = last?.reply { explanation = ofReply(reply.description, host: last?.connection.host) }
        explanation.message = detail.record.id.description
        explanation.story = MessageStory(detail).sentences
        return explanation
    }
}
