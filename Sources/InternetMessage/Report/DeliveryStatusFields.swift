import MailModel

/// The part for programs: message/delivery-status (RFC 3464 §2), or message/global-delivery-status (RFC 6533 §4) where an address
/// needs it.
enum DeliveryStatusFields {
    static func isInternational(_ request: DeliveryReportRequest) -> Bool {
        request.recipients.contains {
            $0.recipient.address.isInternationalized || $0.recipient.originalRecipient?.address.utf8.contains { $0 >= 0x80 } ?? false
        }
    }

    static func part(_ request: DeliveryReportRequest) -> DeliveryReportPart {
        let isInternational = isInternational(request)
        var fields = messageFields(request)
        for recipient in request.recipients { fields += "\r\n" + recipientFields(recipient, isInternational: isInternational) }
        return DeliveryReportPart.encoded(
            Array(fields.utf8), type: isInternational ? "message/global-delivery-status" : "message/delivery-status",
            description: "Delivery report")
    }

    private static func messageFields(_ request: DeliveryReportRequest) -> String {
        var fields = ""
        if let envelopeID = request.original.envelopeID, !envelopeID.isEmpty {
            fields += HeaderText.structured("Original-Envelope-Id", envelopeID)
        }
        fields += HeaderText.structured("Reporting-MTA", "dns; \(request.reportingHost)")
        fields += HeaderText.structured("Arrival-Date", request.original.arrivedAt.rfc5322)
        fields += HeaderText.structured("X-Postern-Message", request.original.id.description)
        return fields
    }

    private static func recipientFields(_ recipient: DeliveryReportRequest.Recipient, isInternational: Bool) -> String {
        func field(_ name: String, _ value: String) -> String {
            isInternational ? HeaderText.international(name, value) : HeaderText.structured(name, value)
        }
        var fields = ""
        if let original = recipient.recipient.originalRecipient {
            fields += field("Original-Recipient", "\(atom(original.type)); \(original.address)")
        }
        let address = recipient.recipient.address
        fields += field("Final-Recipient", "\(address.isInternationalized ? "utf-8" : "rfc822"); \(address)")
        fields += field("Action", recipient.action.rawValue)
        fields += field("Status", recipient.effectiveStatus.description)
        if let host = recipient.remoteHost, !host.isEmpty { fields += field("Remote-MTA", "dns; \(host)") }
        if let reply = recipient.reply {
            fields += field("Diagnostic-Code", "\(recipient.isReplyLocal ? "x-postern" : "smtp"); \(reply)")
        }
        if let at = recipient.lastAttemptAt { fields += field("Last-Attempt-Date", at.rfc5322) }
        if recipient.action == .delayed, let until = recipient.retryUntil { fields += field("Will-Retry-Until", until.rfc5322) }
        return fields
    }

    /// The address type is an atom (RFC 3464 §2.1.2); it came from a client.
    private static func atom(_ type: String) -> String {
        let bytes = type.utf8.filter { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
        return bytes.isEmpty ? "unknown" : String(decoding: bytes.prefix(40), as: UTF8.self)
    }
}
