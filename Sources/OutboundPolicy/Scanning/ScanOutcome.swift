package import MailModel

/// What became of the scan of a message.
package enum ScanOutcome: Hashable, Sendable {
    case scanned(ScannedContent)
    case failed(ScanFailure)
}

/// What a scan found of a message, for the decision on it.
package struct ScannedContent: Hashable, Sendable {
    package var summary: ScanSummary
    /// Nearly the same as a message of the sender's before, or one of a pattern that several senders make.
    package var isNearDuplicate: Bool
    /// The domain of From or of the envelope that has neither address nor MX record; nil where there is none, or DNS did not say.
    package var deadDomain: DomainName?

    package init(summary: ScanSummary, isNearDuplicate: Bool = false, deadDomain: DomainName? = nil) {
        self.summary = summary
        self.isNearDuplicate = isNearDuplicate
        self.deadDomain = deadDomain
    }

    package var isSpam: Bool { summary.kind == .spam }
}

/// Why a message could not be scanned.
package enum ScanFailure: String, Hashable, Sendable, CaseIterable {
    /// Too many messages wait for their scan.
    case full
    /// It took too long.
    case late
    /// The scan itself could not be done.
    case fault
    /// The other scanner that is to be asked gave no answer, and mail waits for it.
    case opinion

    package var explanation: String {
        switch self {
        case .full: "too many messages wait to be scanned"
        case .late: "the scan took too long"
        case .fault: "the scan could not be done"
        case .opinion: "the second scanner gave no answer"
        }
    }
}

/// What is done with a message that could not be scanned.
package enum UnscannedMail: String, Hashable, Sendable, CaseIterable {
    /// 451: the client sends it again.
    case `defer`
    /// It is treated as if it were spam.
    case highRisk = "high-risk"
    /// As if nothing spoke against it.
    case pass
}
