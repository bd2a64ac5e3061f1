import MailModel
import PosternRuntime

/// One message with its story, for reading.
enum MessageText {
    static func print(_ message: MessageView) {
        let facts = [
            ("id", message.id), ("received", Output.time(message.received)), ("sender", message.sender),
            ("submitted by", message.principal),
            ("from (envelope)", message.reversePath.isEmpty ? "<>" : message.reversePath), ("from (header)", message.from),
            ("subject", message.subject), ("message-id", message.messageID), ("octets", "\(message.bytes)"), ("client", message.client),
            ("submitted over", message.tls.isEmpty ? "plaintext" : message.tls), ("class", message.trafficClass), ("pool", message.pool),
            ("expires", Output.time(message.expires)),
        ]
        for (name, value) in facts { Output.line(name.padded(18) + Output.printable(value)) }
        if let scan = message.scan { printScan(scan) }
        for finding in message.findings { Output.line("finding".padded(18) + Output.printable(finding.description)) }
        for recipient in message.recipients {
            Output.line()
            let due = recipient.state == "queued" ? ", due \(Output.time(recipient.due))" : ""
            Output.line("\(message.id)/\(recipient.index)  \(Output.printable(recipient.address))")
            Output.line("  \(recipient.state)\(due), attempts: \(recipient.attempts)\(recipient.isInternal ? ", internal" : "")")
            if !recipient.heldBy.isEmpty { Output.line("  held back by: \(Output.printable(recipient.heldBy))") }
            if !recipient.reply.isEmpty { Output.line("  last reply: \(Output.printable(recipient.reply))") }
            for event in message.events where event.index == recipient.index { printEvent(event) }
        }
    }

    private static func printScan(_ scan: MessageScanView) {
        Output.line("scan".padded(18) + "\(scan.verdict.rawValue), score \(scan.score)")
        for finding in scan.findings {
            let matched = finding.matched.isEmpty ? "" : " [\(finding.matched)]"
            Output.line("".padded(18) + Output.printable("\(finding.weight) \(finding.rule)\(matched): \(finding.explanation)"))
        }
    }

    private static func printEvent(_ event: MessageView.Event) {
        let parts = [
            event.route.isEmpty ? "" : "route \(event.route)",
            event.source.isEmpty || event.source == "default" ? "" : "from \(event.source)", event.connection,
            event.stage.isEmpty ? "" : "at \(event.stage)",
            event.reply,
        ]
        Output.line(
            "  \(Output.time(event.time))  \(event.kind.padded(10)) \(Output.printable(parts.filter { !$0.isEmpty }.joined(separator: " · ")))"
        )
        for finding in event.findings { Output.line("    \(Output.printable(finding.description))") }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
