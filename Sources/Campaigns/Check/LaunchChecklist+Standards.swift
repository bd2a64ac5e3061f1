import MailModel

// What the standards ask of the message itself, on a copy as it is sent.
extension LaunchChecklist {
    static func standards(_ facts: ChecklistFacts) -> [ChecklistLine] {
        [form(facts), oneClick(facts), signed(facts), ways(facts), listID(facts)]
    }

    /// RFC 5322 §3.6: how often a field may stand; §2.1.1: how long a line may be.
    private static func form(_ facts: ChecklistFacts) -> ChecklistLine {
        let once = [
            "from", "sender", "reply-to", "to", "cc", "subject", "message-id", "date", "list-unsubscribe", "list-unsubscribe-post",
            "feedback-id",
        ]
        let many = once.first { facts.form.values($0).count > 1 }
        let missing = ["from", "date", "message-id"].first { facts.form.values($0).isEmpty }
        let problem: String? =
            if let many {
                "\(many) stands more than once"
            } else if let missing {
                "\(missing) is missing"
            } else if facts.form.longestLine > 998 {
                "a line has \(facts.form.longestLine) octets, more than 998"
            } else if facts.form.hasBareLineEnds {
                "a line ends in CR or LF alone"
            } else {
                nil
            }
        return line(
            "5322", problem == nil, .red, "Form of the message", good: "Header and lines are as RFC 5322 has them.",
            why: "In a copy \(problem ?? ""): Gmail refuses what is not as RFC 5322 says (550 5.7.1).",
            fix: "Report it: copies are written by the gate itself.")
    }

    /// RFC 8058 §3.1.
    private static func oneClick(_ facts: ChecklistFacts) -> ChecklistLine {
        let post = facts.form.values("list-unsubscribe-post")
        let isExact = post == ["List-Unsubscribe=One-Click"]
        let hasAddress = facts.form.values("list-unsubscribe").contains { $0.contains("<https://") }
        return line(
            "8058-1", isExact && hasAddress, facts.isMarketing ? .red : .amber, "One-click header", good: "It is as RFC 8058 has it.",
            why: isExact
                ? "List-Unsubscribe names no https address: mail programs then show no button, and readers complain instead."
                : "List-Unsubscribe-Post is not exactly \"List-Unsubscribe=One-Click\".",
            fix: "Set campaigns.public-url to an https address.")
    }

    /// RFC 8058 §4: both fields under a DKIM signature.
    private static func signed(_ facts: ChecklistFacts) -> ChecklistLine {
        let title = "One-click header is signed"
        guard let signed = facts.form.signedFields else {
            return ChecklistLine(
                "8058-2", facts.isMarketing ? .red : .amber, title,
                why: "Nothing signs a copy, and Gmail trusts List-Unsubscribe only under a DKIM signature.",
                fix: "postern dkim add \(facts.from.host)")
        }
        let open = ["list-unsubscribe", "list-unsubscribe-post"].filter { !facts.form.values($0).isEmpty && !signed.contains($0) }
        return line(
            "8058-2", open.isEmpty, .red, title, good: "The signature of a sample covers it.",
            why: "The signature of a sample leaves out \(open.joined(separator: ", ")).", fix: "Report it: the gate signs these fields.")
    }

    /// RFC 2369 §2: addresses in angle brackets, with commas between.
    private static func ways(_ facts: ChecklistFacts) -> ChecklistLine {
        let values = facts.form.values("list-unsubscribe")
        let isRight = values.allSatisfy { value in
            value.split(separator: ",").allSatisfy { part in
                let way = part.trimmed
                return way.hasPrefix("<") && way.hasSuffix(">") && way.dropFirst().contains(":") && !way.contains(" ")
            }
        }
        return line(
            "2369-1", isRight, .red, "List-Unsubscribe", good: "It is as RFC 2369 has it.",
            why: "List-Unsubscribe is not a list of addresses in angle brackets: mail programs pass over it.",
            fix: "Set campaigns.public-url to an address without spaces or commas.")
    }

    /// RFC 2919 §2 and §3.
    private static func listID(_ facts: ChecklistFacts) -> ChecklistLine {
        let values = facts.form.values("list-id")
        let label = values.first.flatMap { value in value.lastIndex(of: "<").map { value[value.index(after: $0)...] } }
        let isRight = values.count == 1 && label?.hasSuffix(">") == true && label?.contains(".") == true && label?.contains(" ") == false
        return line(
            "2919-1", isRight && facts.listID.utf8.count <= 255, .red, "List-Id", good: "Programs of readers can sort by it.",
            why: "The List-Id is not one name of at most 255 octets in angle brackets: \(values.first?.prefix(80) ?? "there is none").",
            fix: "Take a shorter list name without special letters.")
    }
}
