import GateCore
import InternetMessage
import MailModel
import OutboundPolicy

/// Writes what people read of an alert: what happened, the numbers, what to do, the commands.
struct NoticeMail {
    var hostName: DomainName
    /// As it stands in From.
    var from: EmailAddress
    var incident: Incident
    /// What a sender is told of itself; nil for those who look after the gate.
    var senderText: String?

    /// The finished content. Nil where a field cannot be written: a text with a control character was replaced before.
    func content(to recipient: EmailAddress, messageID: String, at now: Timestamp, boundarySeed: String) -> [UInt8]? {
        var message = ComposedMessage(from: "Postern <\(from)>")
        message.to = ["\(recipient)"]
        message.subject = subject
        message.text = senderText.map { "\($0)\n\n\(closing)" } ?? text
        message.headers = [
            ComposedMessage.Header(name: "Auto-Submitted", value: "auto-generated"),
            ComposedMessage.Header(name: "X-Auto-Response-Suppress", value: "All"),
            // Notices of one alert stand together in a mailbox.
            ComposedMessage.Header(name: "References", value: "<alert.\(incident.id)@\(hostName)>"),
        ]
        guard let written = try? MessageBuilder.build(message, boundarySeed: boundarySeed) else { return nil }
        return Array("Date: \(now.rfc5322)\r\nMessage-ID: <\(messageID)>\r\n".utf8) + written
    }

    /// One line of at most 200 characters.
    var subject: String { NoticeMail.line(title) }

    private var title: String {
        if senderText != nil { return "Your mail through \(hostName)" }
        let about = "\(NoticeMail.title(incident.kind)): \(incident.subject)"
        return incident.state == .resolved ? "[over] \(about)" : "[\(incident.severity.rawValue)] \(about)"
    }

    private var text: String {
        var lines = [incident.text]
        if incident.state == .resolved {
            lines = ["This is over since \(NoticeMail.time(incident.endedAt ?? incident.lastAt)).", "", "What it was: \(incident.text)"]
        } else if !incident.advice.isEmpty {
            lines += ["", "What to do: \(incident.advice)"]
        }
        lines += ["", "Since      \(NoticeMail.time(incident.firstAt))"]
        if incident.hits > 1 {
            lines += ["Last       \(NoticeMail.time(incident.lastAt))", "Reported   \(incident.hits) times"]
        }
        if incident.stage > 0 { lines.append("Reached    \(incident.stage) %") }
        lines += ["About      \(incident.subject)", "Kind       \(incident.kind.rawValue), \(incident.severity.rawValue)"]
        lines += incident.findings.map { "Because    \($0.description)" }
        lines += ["", "All of it:             postern alerts show \(incident.id)"]
        if incident.state != .resolved {
            lines += [
                "You work on it:        postern alerts acknowledge \(incident.id) --reason TEXT",
                "It is mended:          postern alerts resolve \(incident.id) --reason TEXT",
            ]
        }
        return (lines + ["", closing]).joined(separator: "\n")
    }

    private var closing: String { "-- \nPostern on \(hostName)\n" }

    static func title(_ kind: AlertKind) -> String {
        switch kind {
        case .senderRestricted: "Sender restricted"
        case .connectorRestricted: "Connector restricted"
        case .organisationRestricted: "Organisation restricted"
        case .limitNear: "Sending limit near"
        case .limitExceeded: "Sending limit exceeded"
        case .organisationLimitNear: "Organisation's limit near"
        case .organisationLimitReached: "Organisation's limit reached"
        case .suspiciousSender: "Suspicious sending"
        case .suspiciousOrganisation: "Suspicious sending in the organisation"
        case .continuousErrors: "Sender throttled after repeated errors"
        case .upstreamStopped: "Upstream stopped"
        case .sourceUnreachable: "Egress source unreachable"
        case .reportMailbox: "The mailbox of reports cannot be read"
        case .groupSyncHeld: "Too many changes of a group's members"
        case .listed: "On a blocklist"
        case .sourceIdentity: "Names of an egress address are wrong"
        case .warmUpSetBack: "Warm-up set back"
        case .passwordSignIn: "Sign-in by password ends"
        case .tlsLost: "TLS of a mail host lost"
        case .dkimRecord: "DKIM record missing or wrong"
        case .domainHealth: "Domain records got worse"
        case .sendingRate: "Bounces or complaints above a threshold"
        case .queueStuck: "Mail is delayed"
        case .storeTrouble: "Trouble with the store"
        case .requestMade: "Somebody asks for more"
        }
    }

    private static func time(_ time: Timestamp) -> String { time.rfc3339.prefix(19).replacing("T", with: " ") + " UTC" }

    /// Subjects come from addresses and names of strangers.
    private static func line(_ text: String) -> String {
        String(String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 }).prefix(200))
    }
}
