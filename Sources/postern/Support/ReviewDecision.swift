import ArgumentParser
import MailModel
import PosternRuntime

/// Messages that a decision is about.
struct ReviewDecision: ParsableArguments {
    @Argument(help: "The messages.", transform: Arguments.message) var messages: [MessageID]
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func perform(_ decision: DecideReview.Decision, notifies: Bool, _ verb: String) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(DecideReview.messagesMax))
            rest = rest.dropFirst(part.count)
            let outcome = try await data.perform(
                DecideReview(messages: part, decision: decision, notifies: notifies), reason: reason.reason)
            if format.json {
                try Output.json([outcome])
            } else {
                Output.line("\(verb): \(outcome.messages) messages, \(outcome.recipients) recipients; \(outcome.notices) senders are told")
                for text in outcome.withoutNotice { Output.line("no notice for \(text)") }
            }
        }
    }
}
