package import MailModel

/// All that is known of a refusal, from the dialogue of an attempt or from a report.
package struct BounceEvidence: Hashable, Sendable {
    /// 200…599; nil where no reply is known.
    package var replyCode: Int?
    package var status: EnhancedStatusCode?
    /// What the receiver said, with or without its codes.
    package var words: String
    /// What else the report says, looked at where the words say nothing.
    package var context: String
    /// At which command; nil where it is not known.
    package var stage: DeliveryStage?
    /// True for a finding of our own host or network, of which nothing is held against the address.
    package var isLocal: Bool

    package init(
        replyCode: Int? = nil, status: EnhancedStatusCode? = nil, words: String = "", context: String = "", stage: DeliveryStage? = nil,
        isLocal: Bool = false
    ) {
        self.replyCode = replyCode
        self.status = status
        self.words = words
        self.context = context
        self.stage = stage
        self.isLocal = isLocal
    }

    /// Of an attempt of ours.
    package init(_ failure: DeliveryFailure) {
        self.init(
            replyCode: failure.reply.code, status: failure.reply.enhancedCode, words: failure.reply.description, stage: failure.stage,
            isLocal: failure.isLocal)
    }

    /// `550 words` with the enhanced code that stands elsewhere in the report: rules look for it there.
    func withStatus(_ words: String) -> String {
        guard let replyCode, let status, words.hasPrefix("\(replyCode) ") else { return words }
        let rest = words.dropFirst(4)
        return rest.first?.isNumber ?? false ? words : "\(replyCode) \(status) \(rest)"
    }

    /// True where the receiver itself says that it may be otherwise later.
    var isTransient: Bool {
        if let replyCode { return (400..<500).contains(replyCode) }
        return status?.statusClass == 4
    }
}
