package import MailModel

extension BounceClass {
    /// Of an attempt that failed for good, or for so long that the message's time was over.
    package static func of(_ failure: DeliveryFailure, isExpired: Bool) -> BounceClass {
        let found = of(failure)
        // What is only late says nothing more about why.
        return isExpired && (found == .temporary || found == .undetermined || found.isHard) ? .expired : found
    }

    private static func of(_ failure: DeliveryFailure) -> BounceClass {
        let status = failure.reply.enhancedCode
        switch (status?.subject, status?.detail) {
        case (1, 2), (1, 10): return failure.isPermanent ? .addressDead : .temporary
        case _ where failure.isLocal: return .temporary
        case (1, 1), (1, 6): return failure.isPermanent ? .addressDead : .temporary
        case (2, 1): return .suspended
        case (2, 2): return .mailboxFull
        case (2, 3), (3, 4): return .size
        case (7, _): return .policy
        default: return failure.isPermanent ? .undetermined : .temporary
        }
    }
}
