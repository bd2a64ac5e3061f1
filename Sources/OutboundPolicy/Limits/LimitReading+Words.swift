package import MailModel

extension LimitReading {
    /// `500 of 500 external recipients in any hour`.
    package var text: String { "\(used) of \(limit.value) \(limit.name.text)" }

    private func matched(_ wanted: Int) -> String { wanted == 0 ? "\(used)/\(limit.value)" : "\(used)+\(wanted)/\(limit.value)" }

    /// What stands in the trace and in an explanation.
    package func finding(_ sender: String) -> Finding {
        let end = freeAt.map { ", and there is room again at \($0.rfc3339)" } ?? ""
        return Finding(
            rule: "limit.\(limit.name.rawValue)", matched: matched(wanted),
            explanation: "\(sender) has used \(text); this message would add \(wanted)\(end). The limit is set by \(limit.source) "
                + "(action: \(limit.action.rawValue)).")
    }

    package func slowedFinding(until releaseAt: Timestamp) -> Finding {
        Finding(
            rule: "limit.\(limit.name.rawValue)", matched: matched(wanted),
            explanation:
                "Slowed: \(text) were used, so this message goes out from \(releaseAt.rfc3339) on. The limit is set by \(limit.source).")
    }

    /// What the client is told where the message is not taken for this limit.
    package func reply(_ sender: String) -> SMTPReply {
        let free = freeAt.map { " There is room again at \($0.rfc3339)." } ?? ""
        let numbers = "\(sender) has used \(text) (\(limit.source)); this message would add \(wanted).\(free)"
        if limit.action == .defer {
            return SMTPReply(451, EnhancedStatusCode(4, 7, 1), ["Sending limit reached, try again later", numbers])
        }
        let (code, enhanced, first): (Int, EnhancedStatusCode, String) =
            switch limit.name {
            case .recipientsPer24Hours, .recipientsPerDay:
                (
                    550, EnhancedStatusCode(5, 1, 90),
                    "Your message can't be sent because you've reached your daily limit for message recipients"
                )
            case .organisationExternal:
                (
                    550, EnhancedStatusCode(5, 7, 233),
                    "Your message can't be sent because your organisation exceeded its daily limit for sending email to external recipients"
                )
            case .mebibytesPer24Hours: (554, EnhancedStatusCode(5, 2, 2), "Quota full: the sender's submission quota was exceeded")
            default: (550, EnhancedStatusCode(5, 2, 2), "Submission quota exceeded")
            }
        return SMTPReply(code, enhanced, [first, numbers])
    }
}

extension LimitWarning {
    /// `day`: for the time of the forecast.
    package func text(_ sender: String, day: OrganisationDay, at now: Timestamp) -> String {
        let total = reading.used + reading.wanted
        let start = "\(sender) has used \(total) of \(reading.limit.value) \(reading.limit.name.text)"
        if percent == 100 { return "\(start), more than the limit; the limit only tells of it." }
        guard let reachedAt else { return "\(start) (\(reading.percent) %)." }
        return "\(start) (\(reading.percent) %). At this pace the limit is reached at \(day.text(reachedAt, from: now)) \(day.zoneName)."
    }
}
