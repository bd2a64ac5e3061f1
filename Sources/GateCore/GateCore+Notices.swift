package import DeliveryPlanning
package import MailModel
import OutboundPolicy

// Postern's own mail.
extension GateCore {
    /// A message of the gate's own to one recipient, without its content yet. Nobody's limits, restrictions or pauses act on it. It is
    /// attempted once it is claimed: the caller stores it, and says `becameDue`.
    package mutating func ownNotice(
        to recipient: EmailAddress, from reversePath: ReversePath, onlyRoute: String?, tenant: TenantID, finding: Finding, at now: Timestamp
    ) -> (record: MessageRecord, recipient: RecipientRecord) {
        let row = RecipientRecord(
            index: 0, recipient: EnvelopeRecipient(recipient, notify: []), isInternal: directory.acceptedDomain(of: recipient) != nil,
            dueAt: now)
        let record = MessageRecord(
            tenant: tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: .notice, sender: "postern",
            principal: "postern", reversePath: reversePath, envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: recipient.isInternationalized || (reversePath.address?.isInternationalized ?? false), headerFrom: "",
            subject: "", headerMessageID: "", sizeBytes: 0, clientAddress: nil, clientName: "", submissionTLS: nil, pool: "normal",
            onlyRoute: onlyRoute, findings: [finding], expiresAt: now + settings.expiry, warnAt: nil, recipientCount: 1)
        return (record, row)
    }
}
