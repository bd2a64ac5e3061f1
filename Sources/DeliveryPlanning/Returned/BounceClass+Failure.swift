package import MailModel

extension BounceClass {
    /// Of an attempt that failed for good, or for so long that the message's time was over.
    package static func of(_ failure: DeliveryFailure, isExpired: Bool) -> BounceClass {
        let found = of(BounceEvidence(failure))
        // What is only late says nothing more about why.
        return isExpired && (found == .temporary || found == .undetermined || found.isHard) ? .expired : found
    }
}
