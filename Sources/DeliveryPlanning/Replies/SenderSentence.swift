extension ReplyClass {
    /// What to tell the person who wrote the message, in a sentence that needs no knowledge of mail. The rule's own advice is for those who
    /// run the gate.
    package var tellSender: String {
        switch self {
        case .senderRestricted, .errorThrottle:
            "Your account may not send at the moment. The IT department has to release it; sending again does not help."
        case .connectorRestricted, .organisationBlocked:
            "Nobody here can send to this receiver at the moment. The IT department knows, and you can send again later."
        case .dailyLimit, .rateLimit, .connectionLimit:
            "Too much mail left at once. It is tried again by itself; if it came back, send it again tomorrow."
        case .signIn, .sendAs: "You may not send as this address. Send from your own, or ask the IT department for the right."
        case .senderMailboxFull: "Your own mailbox is full. Make room, then send again."
        case .relaying, .routing, .tls, .identity, .reverseDNS:
            "Something is not set up as it should be, and not by you. The IT department has to mend it; then send again."
        case .unreachable, .serverBusy:
            "The receiver's mail server did not answer. Send again later; if it is urgent, telephone."
        case .expired: "The receiver could not be reached for days. Check the address, then send again, or telephone."
        case .noSuchDomain: "What stands behind the @ does not exist. Check the address for a slip, and send again."
        case .noSuchRecipient: "This address does not exist at the receiver. Check it for a slip, or ask the person for the right one."
        case .recipientClosed: "The recipient's mailbox is closed. Ask for another address; do not write to this one again."
        case .recipientFull: "The recipient's mailbox is full. Send again in a few days, or reach the person another way."
        case .recipientRate: "The recipient gets too much mail at the moment. Send again tomorrow."
        case .recipientPolicy:
            "The recipient's organisation does not take mail from everybody at this address. Ask the recipient to let your address through."
        case .policy:
            "The receiver did not want this message, by a rule of its own. Ask the recipient to have you let through, or reach them another way."
        case .tooManyRecipients: "The message had too many recipients for the receiver. Send it to fewer at a time."
        case .tooLarge: "The message is too large for the receiver. Send a link to the file in place of the file."
        case .messageFormat:
            "The receiver could not read the message as it was written. Write it anew, without what was copied in, and send again."
        case .content:
            "The receiver took the message for spam, or for harmful. Leave out links and attachments that need not be there, and send again."
        case .authentication, .senderDomain:
            "The receiver could not see that the message is really yours. The IT department has to mend that; sending again does not help."
        case .blockList, .reputation, .probing:
            "The receiver does not trust our mail at the moment. The IT department has to mend that; until then reach the person another way."
        case .greylisted: "The receiver asked us to try again later, which happens by itself. Nothing has to be done."
        case .wrapper: "The receiver did not take the message, and did not say why. Ask the recipient, or the IT department."
        }
    }
}
