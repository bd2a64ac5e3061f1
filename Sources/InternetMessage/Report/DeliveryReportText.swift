import MailModel

/// The part for people: what happened to each recipient, what the receiver said, who must act, and what to do.
enum DeliveryReportText {
    /// Recipients that are described; the fields for programs name them all.
    static let recipientsMax = 100

    static func compose(_ request: DeliveryReportRequest) -> String {
        var lines = opening(request)
        lines += ["", "Subject: \(oneLine(request.original.subject.isEmpty ? "(none)" : request.original.subject))"]
        lines += ["Sent:    \(request.original.arrivedAt.rfc5322)"]
        for recipient in request.recipients.prefix(recipientsMax) {
            lines.append("")
            lines += describe(recipient)
        }
        if request.recipients.count > recipientsMax {
            lines += ["", "... and \(request.recipients.count - recipientsMax) more; the second part of this report lists them all."]
        }
        lines += ["", "For your administrator: \(request.reportingHost) knows this message as \(request.original.id).", ""]
        return lines.joined(separator: "\r\n")
    }

    private static func opening(_ request: DeliveryReportRequest) -> [String] {
        func count(_ actions: Set<DeliveryReportRequest.Action>) -> Int { request.recipients.count { actions.contains($0.action) } }
        func recipients(_ count: Int) -> String { count == 1 ? "one recipient" : "\(count) recipients" }
        var lines: [String] = []
        let failed = count([.failed])
        if failed > 0 { lines += wrapped("Your message could not be delivered to \(recipients(failed)).", indent: "") }
        let delayed = count([.delayed])
        if delayed > 0 {
            lines += wrapped(
                "Your message has not been delivered to \(recipients(delayed)) yet. It is tried again by itself.", indent: "")
            lines.append("You do not need to send it again.")
        }
        let done = count([.delivered, .relayed, .expanded])
        if done > 0 { lines += wrapped("Your message was handed on to \(recipients(done)).", indent: "") }
        return lines
    }

    private static func describe(_ recipient: DeliveryReportRequest.Recipient) -> [String] {
        let status = recipient.effectiveStatus
        var lines = [oneLine(recipient.recipient.address.description)]
        if let original = recipient.recipient.originalRecipient, original.address != recipient.recipient.address.description {
            lines.append("  (you wrote to \(oneLine(FieldText.cut(original.address, to: 320))))")
        }
        switch recipient.action {
        case .delivered: lines += item("What happened", "The message was put into the recipient's mailbox.")
        case .expanded: lines += item("What happened", "The address is a list; the message went on to its members.")
        case .relayed:
            lines += item(
                "What happened", "The next mail system took the message. It sends no reports on delivery, so this is the last word on it.")
        case .failed, .delayed: lines += advice(DeliveryAdvice.advice(for: status))
        }
        lines += answer(recipient)
        if recipient.action == .delayed, let until = recipient.retryUntil { lines += item("Tried until", until.rfc5322) }
        return lines
    }

    private static func advice(_ advice: DeliveryAdvice) -> [String] {
        item("What happened", advice.meaning) + item("Who must act", advice.responsible.rawValue + ".")
            + item("What to do", advice.whatToDo)
    }

    /// The reply word for word, a line for each of its lines.
    private static func answer(_ recipient: DeliveryReportRequest.Recipient) -> [String] {
        guard let reply = recipient.reply else { return [] }
        let who = recipient.isReplyLocal ? "What we found" : "What \(oneLine(recipient.remoteHost ?? "the receiver")) answered"
        let code = reply.enhancedCode.map { "\(reply.code) \($0)" } ?? "\(reply.code)"
        return ["  \(who):"] + reply.lines.prefix(replyLinesMax).map { "    \(code) \(oneLine($0))" }
    }

    private static let replyLinesMax = 20

    private static func item(_ label: String, _ text: String) -> [String] {
        let lines = wrapped(text, indent: "    ")
        return ["  \(label):"] + lines
    }

    private static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count > indent.count, line.count + 1 + word.count > HeaderText.foldColumn {
                lines.append(line)
                line = indent
            }
            line += line.count > indent.count ? " \(word)" : String(word)
        }
        return lines + [line]
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { FieldText.isHarmless($0) ? $0 : " " }))
    }
}
