import DeliveryPlanning
import MailModel
import Testing

@Suite("Bounce classes")
struct BounceClassTests {
    private func found(_ words: String, stage: DeliveryStage? = .recipient, isLocal: Bool = false) -> BounceClass {
        let parts = words.split(separator: " ")
        return BounceClass.of(
            BounceEvidence(
                replyCode: parts.first.flatMap { Int($0) }, status: parts.dropFirst().first.flatMap { EnhancedStatusCode($0) },
                words: words,
                stage: stage, isLocal: isLocal))
    }

    @Test(arguments: [
        ("550 5.1.1 <a@example.org>: Recipient address rejected: User unknown", BounceClass.addressDead),
        ("550 No such user here", .addressDead), ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", .addressDead),
        ("556 5.1.10 Recipient address has null MX", .addressDead), ("552 5.2.2 Mailbox full", .mailboxFull),
        ("450 4.2.2 Mailbox full", .mailboxFull), ("550 5.7.1 Relay access denied", .relaying), ("554 5.6.0 Virus found", .virus),
        ("550 5.7.26 This mail has been blocked because the sender is unauthenticated", .authentication),
        ("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", .reputation), ("451 4.7.1 Greylisted, try again", .temporary),
        ("452 4.5.3 Too many recipients", .rate), ("550 Mailbox is frozen", .suspended), ("552 5.3.4 Message too large", .size),
        ("501 5.5.4 Syntax error in parameters", .protocolError), ("550 5.7.1 Message classified as spam", .content),
        ("250 2.1.5 Ok", .delivered),
    ])
    func `a refusal of the recipient`(_ words: String, _ expected: BounceClass) { #expect(found(words) == expected) }

    @Test(arguments: [
        // For now only: the receiver says so itself.
        ("450 4.1.1 User unknown in local recipient table", DeliveryStage.recipient),
        // Behind DATA, of mail that is not wanted.
        ("550 User unknown", .dot), ("550 5.1.0 Sender's domain does not exist", .mail),
    ])
    func `what is no word of the address's own host for good kills no address`(_ words: String, _ stage: DeliveryStage) {
        #expect(!found(words, stage: stage).isHard)
    }

    @Test func `our own DNS failure is never hard, and an answer that there is no such domain is`() {
        #expect(!found("451 4.4.3 The name server did not answer for example.org", stage: .resolve, isLocal: true).isHard)
        #expect(!found("550 5.4.6 The mail goes in a circle", stage: .resolve, isLocal: true).isHard)
        #expect(found("550 5.1.2 There is no such domain", stage: .resolve, isLocal: true).isHard)
        #expect(found("556 5.1.10 The domain takes no mail", stage: .resolve, isLocal: true).isHard)
    }

    @Test func `own faults are no reason to suppress`() {
        for bounceClass in BounceClass.allCases where bounceClass.isOwnFault { #expect(!bounceClass.isHard) }
    }
}
