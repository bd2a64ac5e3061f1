package import MailModel
package import OutboundPolicy
import Storage

/// What one text was taken for.
package enum TraceReading: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing was asked for: the newest rows.
    case all
    /// Postern's own number of a message.
    case message
    case address
    case domain
    /// Two texts, each an address or a domain: from the first to the second.
    case fromTo = "from-to"
    /// The same two the other way round.
    case toFrom = "to-from"
    case messageID = "message-id"
    case messageIDBeginning = "message-id-beginning"
    /// Of a restriction, as refusals name it.
    case reference
    case words

    /// In words, for the one who asked.
    func explanation(_ text: String) -> String {
        switch self {
        case .all: "Everything, newest first"
        case .message: "The message with the number \(text)"
        case .address: "Sender or recipient is \(text)"
        case .domain: "Sender or recipient is in the domain \(text)"
        case .fromTo, .toFrom: "From \(text)"
        case .messageID: "The Message-ID is \(text)"
        case .messageIDBeginning: "The Message-ID begins with \(text)"
        case .reference: "The reply names the reference \(text)"
        case .words: "Subject or reply have all these words, the last as a beginning: \(text)"
        }
    }
}

package struct TraceFinding: Codable, Hashable, Sendable {
    package var rows: [TraceLine]
    package var reading: TraceReading
    /// How the text was read, as a sentence without its point.
    package var explanation: String
    /// RFC 3339 in UTC: how far back was looked; empty for all there is.
    package var since: String
    /// For `before`, with the same reading; nil on the last page.
    package var next: String?
}

/// Finds messages by one text, as a person types it: an address, a domain, a Message-ID or its beginning, a number of Postern's, a reference
/// from a refusal, or words of subject and reply. The first reading that finds something is taken.
package struct FindTrace: AdministrativeOperation {
    package static let name = "trace.find"
    package static let scope = AccessScope.traceRead
    /// May be empty.
    package var text: String
    /// Nil: 48 hours ago. For a message's own number it does not count.
    package var since: Timestamp?
    package var until: Timestamp?
    /// As in `TraceQuery`.
    package var status: String?
    /// The last row of the page before, with its reading.
    package var before: String?
    package var reading: TraceReading?
    /// 1…10,000.
    package var limit: Int

    package init(
        text: String, since: Timestamp? = nil, until: Timestamp? = nil, status: String? = nil, before: String? = nil,
        reading: TraceReading? = nil, limit: Int = 50
    ) {
        self.text = text
        self.since = since
        self.until = until
        self.status = status
        self.before = before
        self.reading = reading
        self.limit = limit
    }

    package static let rangeStandard = Duration.seconds(48 * 3600)
    static let textBytesMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> TraceFinding {
        guard text.utf8.count <= FindTrace.textBytesMax else {
            throw AdministrationError(.invalid, "the text to look for is too long", "It takes \(FindTrace.textBytesMax) octets.")
        }
        let start = try before.map { text in
            guard let id = RecipientID(text: text) else { throw AdministrationError(.invalid, "\(text) is no row of the trace") }
            return id
        }
        let readings = reading.map { [$0] } ?? FindTrace.readings(of: text)
        var finding: TraceFinding?
        for reading in readings {
            let (query, shown) = query(reading, at: act.at, after: start)
            let rows = try await SearchTrace(query: query).perform(in: administration, act)
            let found = TraceFinding(
                rows: rows, reading: reading, explanation: reading.explanation(shown), since: query.since?.rfc3339 ?? "",
                next: rows.count < limit ? nil : rows.last?.id)
            if !rows.isEmpty { return found }
            finding = finding ?? found
        }
        guard let finding else { preconditionFailure("a text has at least one reading") }
        return finding
    }

    /// The likeliest first.
    static func readings(of text: String) -> [TraceReading] {
        let text = trimmed(text)
        guard !text.isEmpty else { return [.all] }
        if message(text) != nil { return [.message, .words] }
        if isReference(text) { return [.reference] }
        if text.hasPrefix("<") { return text.hasSuffix(">") ? [.messageID] : [.messageIDBeginning] }
        // As the trace names senders that are no addresses.
        if text.hasPrefix("connector:") || text.hasPrefix("campaign:") { return [.address, .words] }
        if parties(text) != nil { return [.fromTo, .toFrom, .words] }
        if text.contains(where: \.isWhitespace) { return [.words] }
        if text.hasPrefix("@"), DomainName(text.dropFirst()) != nil { return [.domain] }
        if text.contains("@") {
            return EmailAddress(text) == nil ? [.messageIDBeginning, .words] : [.address, .messageID, .messageIDBeginning]
        }
        if let domain = DomainName(text), text.contains("."), !isNumbers(domain.text) { return [.domain, .words, .messageIDBeginning] }
        return [.words, .messageIDBeginning]
    }

    private static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }), let last = text.lastIndex(where: { !$0.isWhitespace }) else {
            return ""
        }
        return String(text[first...last])
    }

    /// Two texts, each an address or a domain, one of them at least an address.
    private static func parties(_ text: String) -> (String, String)? {
        let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard parts.count == 2, parts.contains(where: { $0.contains("@") && !$0.hasPrefix("@") }) else { return nil }
        guard parts.allSatisfy({ EmailAddress($0) != nil || isDomain($0) }) else { return nil }
        return (parts[0], parts[1])
    }

    private static func isDomain(_ text: String) -> Bool {
        DomainName(text.hasPrefix("@") ? text.dropFirst() : text[...]) != nil && text.contains(".") && !isNumbers(text)
    }

    /// Of a message or one of its recipients, made since Postern is there.
    private static func message(_ text: String) -> MessageID? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 1 || (parts.count == 2 && Int32(parts[1]) != nil) else { return nil }
        return parts[0].hasPrefix("0") ? MessageID(parts[0]) : nil
    }

    private static func isReference(_ text: String) -> Bool {
        (text.hasPrefix("R") || text.hasPrefix("r")) && message(String(text.dropFirst())) != nil && !text.contains("/")
    }

    private static func isNumbers(_ text: String) -> Bool { text.allSatisfy { $0.isNumber || $0 == "." } }

    private func query(_ reading: TraceReading, at now: Timestamp, after start: RecipientID?) -> (TraceQuery, shown: String) {
        let text = FindTrace.trimmed(text)
        let bare = text.filter { $0 != "<" && $0 != ">" }
        var query = TraceQuery()
        query.since = since ?? (now - FindTrace.rangeStandard)
        query.until = until
        query.status = status
        query.before = start
        query.limit = limit
        var shown = text
        switch reading {
        case .all: break
        case .message:
            query.message = FindTrace.message(text)
            query.since = since
        case .address: query.address = text
        case .domain:
            shown = text.hasPrefix("@") ? String(text.dropFirst()) : text
            query.address = "@\(shown)"
        case .fromTo, .toFrom:
            guard let (first, second) = FindTrace.parties(text) else { break }
            (query.sender, query.recipient) = reading == .fromTo ? (first, second) : (second, first)
            shown = reading == .fromTo ? "\(first) to \(second)" : "\(second) to \(first)"
        case .messageID:
            query.headerMessageID = bare
            shown = bare
        case .messageIDBeginning:
            query.headerMessageIDPrefix = bare
            shown = bare
        case .reference, .words: query.words = text
        }
        return (query, shown)
    }
}
