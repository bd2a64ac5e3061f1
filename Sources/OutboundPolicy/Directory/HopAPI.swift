/// A provider's own way to take a whole message, by HTTP.
package enum HopAPI: String, Hashable, Sendable, Codable, CaseIterable {
    /// `sendMail` of Microsoft Graph, in its MIME form.
    case graph
    /// `users.messages.send` of the Gmail API.
    case gmail = "gmail-api"

    package var host: String {
        switch self {
        case .graph: "graph.microsoft.com"
        case .gmail: "gmail.googleapis.com"
        }
    }

    /// The right that a token is asked for.
    package var scope: String {
        switch self {
        case .graph: "https://graph.microsoft.com/.default"
        case .gmail: "https://www.googleapis.com/auth/gmail.send"
        }
    }

    /// Octets of a whole message that one call takes. Graph's request is 4 MB, which base 64 fills with three quarters; Gmail's upload is 35 MB.
    package var messageBytesMax: Int {
        switch self {
        case .graph: 3_000_000
        case .gmail: 36_700_160
        }
    }

    /// Calls at a time for one mailbox.
    package var connectionsMax: Int { 4 }

    /// Recipients of one message.
    package var recipientsMax: Int { 500 }
}
