/// One line of the launch checklist.
package struct ChecklistLine: Hashable, Sendable, Codable {
    package enum Level: String, Hashable, Sendable, Codable, CaseIterable {
        /// Stops the campaign.
        case red
        /// Somebody has to put a name to it.
        case amber
        case green
    }

    /// `GM-07`: the rule of receivers, of the law or of a standard that it follows from.
    package var code: String
    package var level: Level
    package var title: String
    /// Why it matters, or what was found, in one sentence.
    package var why: String
    /// Empty where nothing is to be done.
    package var fix: String

    package init(_ code: String, _ level: Level, _ title: String, why: String, fix: String = "") {
        self.code = code
        self.level = level
        self.title = title
        self.why = why
        self.fix = fix
    }
}

/// What receivers, the law and standards ask of a campaign before it leaves: facts in, lines out.
package enum LaunchChecklist {
    /// In the order in which people look at them: audience, sender, content, law, technique. A code stands once.
    package static func lines(_ facts: ChecklistFacts) -> [ChecklistLine] {
        audience(facts) + sender(facts) + routes(facts) + subject(facts) + body(facts) + attachments(facts) + links(facts) + law(facts)
            + technique(facts) + standards(facts)
    }

    static func line(
        _ code: String, _ isGood: Bool, _ bad: ChecklistLine.Level, _ title: String, good: String, why: @autoclosure () -> String,
        fix: @autoclosure () -> String
    ) -> ChecklistLine {
        isGood
            ? ChecklistLine(code, .green, title, why: good) : ChecklistLine(code, bad, title, why: why(), fix: fix())
    }

    private static func technique(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let clip = 102 * 1024
        return [
            line(
                "GM-17", facts.hasFeedbackID, .amber, "Feedback-ID", good: "Google's Postmaster Tools can tell this campaign apart.",
                why: "Without a Feedback-ID Google does not say how many complained of this campaign.",
                fix: "Set bulk.feedback-sender-id."),
            line(
                "VERP", facts.returnPathDomain != nil, .amber, "Return path", good: "Bounces say which recipient they are about.",
                why: "Bounces that come later go to the sender's mailbox, and nobody is taken off the list.",
                fix: "Set bulk.return-path-domain and reports.port."),
            line(
                "SIZE", facts.octets <= facts.octetsMax, .red, "Size", good: "\((facts.octets + 1023) / 1024) KiB for a copy.",
                why: "A copy has \(facts.octets) octets; this gate takes \(facts.octetsMax).", fix: "Make it smaller."),
            line(
                "CLIP", facts.htmlOctets <= clip, .amber, "Clipping", good: "Gmail shows it whole.",
                why: "Gmail shows the first 102 KiB, and hides the end with the way to unsubscribe.", fix: "Shorten it."),
            scan(facts),
        ]
    }

    private static func scan(_ facts: ChecklistFacts) -> ChecklistLine {
        let worst = facts.scan.filter { $0.weight > 0 }.prefix(3).map(\.explanation).joined(separator: " ")
        let score = "\((facts.scanScore * 10).rounded() / 10)"
        return switch facts.scanVerdict {
        case "spam":
            ChecklistLine(
                "SCAN", .red, "Our own scan", why: "It looks like spam or fraud (\(score) points). \(worst)",
                fix: "Change what the findings name; `postern scan` shows them all.")
        case "suspicious":
            ChecklistLine(
                "SCAN", .amber, "Our own scan", why: "Receivers may take it for spam (\(score) points). \(worst)",
                fix: "Change what the findings name; `postern scan` shows them all.")
        default: ChecklistLine("SCAN", .green, "Our own scan", why: "Nothing of weight was found (\(score) points).")
        }
    }
}

extension LaunchChecklist {
    /// Errors block; a warning wants a tick.
    package static func isReady(_ lines: [ChecklistLine], ticks: Set<String>) -> Bool {
        lines.allSatisfy { line in
            switch line.level {
            case .red: false
            case .amber: ticks.contains(line.code)
            case .green: true
            }
        }
    }
}
