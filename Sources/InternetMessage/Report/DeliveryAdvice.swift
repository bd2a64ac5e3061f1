import MailModel

/// In plain words: what a status code means for the sender, who can do something about it, and what.
struct DeliveryAdvice: Hashable, Sendable {
    enum Responsible: String, Hashable, Sendable {
        case sender = "You"
        case administrator = "Your administrator"
        case recipientAdministrator = "The administrator of the recipient's mail system"
        case recipient = "The recipient"
        case nobody = "Nobody"
    }

    var meaning: String
    var responsible: Responsible
    var whatToDo: String

    /// The first rule that fits; the last of each class fits everything.
    static func advice(for status: EnhancedStatusCode) -> DeliveryAdvice {
        let rule = rules.first { $0.subject == status.subject && ($0.detail == nil || $0.detail == status.detail) }
        return rule?.advice ?? (status.statusClass == 4 ? unknownTransient : unknownPermanent)
    }

    /// The enhanced code that a bare reply code stands for (RFC 5321 §4.2.3, RFC 3463 §3).
    static func enhancedCode(forBasicCode code: Int) -> EnhancedStatusCode {
        switch code {
        case 200..<400: EnhancedStatusCode(2, 0, 0)
        case 421: EnhancedStatusCode(4, 3, 2)
        case 450: EnhancedStatusCode(4, 2, 0)
        case 451: EnhancedStatusCode(4, 3, 0)
        case 452: EnhancedStatusCode(4, 3, 1)
        case 400..<500: EnhancedStatusCode(4, 0, 0)
        case 551: EnhancedStatusCode(5, 1, 6)
        case 552: EnhancedStatusCode(5, 2, 2)
        case 553: EnhancedStatusCode(5, 1, 3)
        case 530, 535: EnhancedStatusCode(5, 7, 8)
        default: EnhancedStatusCode(5, 0, 0)
        }
    }

    private struct Rule {
        var subject: Int
        /// Nil fits any.
        var detail: Int?
        var advice: DeliveryAdvice

        init(_ subject: Int, _ detail: Int?, _ meaning: String, _ responsible: Responsible, _ whatToDo: String) {
            self.subject = subject
            self.detail = detail
            advice = DeliveryAdvice(meaning: meaning, responsible: responsible, whatToDo: whatToDo)
        }
    }

    private static let unknownTransient = DeliveryAdvice(
        meaning: "The recipient's mail system did not take the message for now.", responsible: .recipientAdministrator,
        whatToDo: "Its answer below says more. If it stays so, tell the recipient in another way.")
    private static let unknownPermanent = DeliveryAdvice(
        meaning: "The recipient's mail system refused the message.", responsible: .sender,
        whatToDo: "Read its answer below; if it does not help, send it to your administrator with this report.")

    /// By subject and detail of RFC 3463, RFC 5248's registry and RFC 7372, 7505.
    private static let rules: [Rule] = [
        Rule(
            1, 1, "The address does not exist at the recipient's mail system.", .sender,
            "Check the spelling, or ask the recipient for the right address in another way. If you chose the address from a list of"
                + " suggestions, remove it there and type it again. Do not send to it again as it is."),
        Rule(
            1, 2, "The domain after the @ does not exist or cannot be found.", .sender,
            "Check the spelling of everything after the @ and send the message again."),
        Rule(1, 3, "The address is not written as the recipient's mail system expects.", .sender, "Check the address and send it again."),
        Rule(
            1, 6, "The recipient has moved, and the mail system does not forward.", .sender,
            "The answer below may name the new address; else ask the recipient in another way."),
        Rule(1, 8, "The recipient's mail system does not accept your address as a sender.", .administrator, "Forward this report to them."),
        Rule(
            1, 10, "The recipient's domain says that it takes no mail at all.", .sender,
            "Check the spelling of everything after the @; mail to this domain can never arrive."),
        Rule(1, nil, "The recipient's mail system does not accept this address.", .sender, "Check the address and send the message again."),
        Rule(
            2, 1, "The mailbox exists but is closed or does not take mail now.", .sender,
            "Ask the recipient in another way whether the address is still used."),
        Rule(
            2, 2, "The recipient's mailbox is full.", .recipient,
            "Tell the recipient in another way, and send the message again when there is room."),
        Rule(
            2, 3, "The message is larger than the recipient's mailbox takes.", .sender,
            "Send it without large attachments, or share a link to them."),
        Rule(
            2, nil, "The recipient's mailbox did not take the message.", .recipientAdministrator,
            "Try again later, or reach the recipient in another way."),
        Rule(
            3, 4, "The message is too large for the recipient's mail system.", .sender,
            "Send it without large attachments, or share a link to them."),
        Rule(
            3, nil, "The recipient's mail system has a problem of its own.", .recipientAdministrator,
            "Send the message again later. If it keeps failing, tell the recipient in another way."),
        Rule(
            4, 1, "The recipient's mail system does not answer.", .recipientAdministrator,
            "Send the message again later. If others cannot reach the recipient either, tell them in another way."),
        Rule(
            4, 4, "No mail system could be found for the recipient's domain.", .sender,
            "Check the spelling of everything after the @. If it is right, the recipient's administrator must correct the"
                + " domain's settings."
        ),
        Rule(
            4, 6, "The message went in a circle between mail systems.", .administrator,
            "Forward this report to them: a forwarding rule or the settings of a domain send the message back."),
        Rule(
            4, 7, "The message could not be delivered in the time that it may wait, although it was tried many times.",
            .recipientAdministrator,
            "Send it again if it is still needed. The last answer below says why it was not taken."),
        Rule(
            4, nil, "The way to the recipient's mail system does not work.", .recipientAdministrator,
            "Send the message again later. If it keeps failing, tell your administrator."),
        Rule(
            5, 3, "The message has more recipients than the recipient's mail system takes.", .sender,
            "Send it to fewer recipients at a time."),
        Rule(
            5, nil, "The two mail systems did not understand each other.", .administrator,
            "Forward this report to them."),
        Rule(
            6, 7, "The recipient's mail system cannot take addresses with letters beyond ASCII.", .sender,
            "Ask the recipient for an address in plain letters, or send from one."),
        Rule(
            6, nil, "The recipient's mail system cannot read the form of the message.", .sender,
            "Send it as plain text, or with attachments of another kind."),
        Rule(
            7, 1, "The recipient's mail system refused the message by its policy.", .sender,
            "Its answer below says why. If you do not know what it means, forward this report to your administrator."),
        Rule(
            7, 10, "The message could not be sent over an encrypted connection, which is required.", .administrator,
            "Forward this report to them."),
        Rule(
            7, 26, "The recipient's mail system could not verify that the message comes from your domain.", .administrator,
            "Forward this report to them: SPF, DKIM or DMARC records of your domain do not match."),
        Rule(
            7, nil, "The recipient's mail system refused the message for reasons of security or policy.", .administrator,
            "Forward this report to them. Its answer below names the reason: often a block list, a missing SPF, DKIM or DMARC match, or"
                + " content that looks like spam."),
    ]
}
