package import MailModel

extension Restriction {
    /// What the client is told. The first line has the words that people search for; the second says what to do.
    package var reply: SMTPReply {
        let (enhanced, first): (EnhancedStatusCode, String) =
            switch entity {
            case .sender: (EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender")
            case .connector: (EnhancedStatusCode(5, 7, 711), "Access denied, bad inbound connector")
            case .organisation: (EnhancedStatusCode(5, 7, 705), "Access denied, organisation has exceeded threshold")
            }
        return SMTPReply(550, enhanced, ["\(first). \(cause.rule) \(reference)", advice])
    }

    private var advice: String {
        switch entity {
        case .sender:
            "You were not recognised as a valid sender: your address is suspected of sending spam and may not send\(end). "
                + "Contact your administrator and name \(reference)"
        case .connector(let name):
            "Connector \(name) is suspected of relaying spam and may not send\(end). Contact your administrator and name \(reference)"
        case .organisation:
            "Too much of this organisation's mail is suspicious; none of it is sent\(end). Contact your administrator and name \(reference)"
        }
    }

    private var end: String { until.map { " until \($0.rfc3339)" } ?? "" }

    package var finding: Finding {
        Finding(
            rule: "restricted.\(entity.kind)", matched: "\(entity) \(reference)",
            explanation: "Restricted since \(since.rfc3339)\(end): \(cause.explanation)")
    }
}

extension RestrictedEntity {
    package var kind: String {
        switch self {
        case .sender: "sender"
        case .connector: "connector"
        case .organisation: "organisation"
        }
    }
}
