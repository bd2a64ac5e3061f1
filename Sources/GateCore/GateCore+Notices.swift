import DeliveryPlanning
package import MailModel
import OutboundPolicy

// Postern's own mail.
extension GateCore {
    /// A message about trouble to one recipient, without its content yet. Nobody's limits, restrictions or pauses act on it, but for those
    /// of its route. The caller stores it; where it has a lease, it says `stored` or `notStored` afterwards, else `becameDue`.
    package mutating func ownNotice(
        to recipient: EmailAddress, from reversePath: ReversePath, onlyRoute: String?, tenant: TenantID, finding: Finding, at now: Timestamp
    ) -> AcceptedNotice {
        let row = RecipientRecord(
            index: 0, recipient: EnvelopeRecipient(recipient, notify: []), isInternal: directory.acceptedDomain(of: recipient) != nil,
            dueAt: now)
        let record = MessageRecord(
            tenant: tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: .notice, sender: "postern",
            principal: "postern", reversePath: reversePath, envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: recipient.isInternationalized || (reversePath.address?.isInternationalized ?? false), headerFrom: "",
            subject: "", headerMessageID: "", sizeBytes: 0, clientAddress: nil, clientName: "", submissionTLS: nil, pool: .normal,
            onlyRoute: onlyRoute, findings: [finding], expiresAt: now + settings.expiry, warnAt: nil, recipientCount: 1)
        // In memory, since nothing is claimed while all is paused.
        let isLeased = !isStopping && queue.reserve(recipients: 1, dueAt: now, passesPause: true, at: now)
        return AcceptedNotice(record: record, recipient: row, lease: isLeased ? lease : nil)
    }
}
