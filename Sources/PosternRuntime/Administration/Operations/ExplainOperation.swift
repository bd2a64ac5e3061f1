package import MailModel
package import OutboundPolicy
import Storage

/// Says what a reply means, or, for the identifier of a known message, what became of that.
package struct Explain: AdministrativeOperation {
    package static let name = "explain.show"
    package static let scope = AccessScope.traceRead
    /// A message's identifier, one of its recipients (`message/0`), that of a message that was refused, or the words of a reply.
    package var text: String
    /// The host that said it, where that is known: a provider's own rules come first.
    package var host: String?

    package init(text: String, host: String? = nil) {
        self.text = text
        self.host = host
    }

    /// Nil where the text can only be a reply.
    package var message: MessageID? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let id = parts.first.flatMap({ MessageID($0) }) else { return nil }
        return parts.count == 1 || parts.count == 2 && Int32(parts[1]) != nil ? id : nil
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Explanation {
        if let message {
            var query = TraceQuery()
            query.message = message
            let wanted = query
            let (detail, rows) = try await administration.store.read { (try $0.message(message), try $0.trace(wanted)) }
            if let detail { return Explanation.ofMessage(detail) }
            if !rows.isEmpty { return Explanation.ofRefusals(rows) }
        }
        return Explanation.ofReply(text, host: host)
    }
}
