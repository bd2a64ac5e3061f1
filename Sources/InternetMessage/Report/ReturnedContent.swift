import MailModel

/// The third part of a report: the message, or its header only (RFC 6522 §3, RFC 3461 §4.3).
enum ReturnedContent {
    static func part(_ request: DeliveryReportRequest) -> DeliveryReportPart {
        let original = request.original
        let hasFailed = request.recipients.contains { $0.action == .failed }
        // Only a failure returns the message (RFC 3461 §4.3).
        if hasFailed, original.dsnReturn != .headers, original.content.count <= original.returnedBytesMax,
            let part = wholeMessage(original.content)
        {
            return part
        }
        return headerOnly(original.content)
    }

    /// Nil where it cannot be sent in seven bits without loss.
    private static func wholeMessage(_ content: [UInt8]) -> DeliveryReportPart? {
        if let sevenBit = SevenBit.convert(content), DeliveryReportPart.hasShortLines(sevenBit) {
            return DeliveryReportPart(
                header: "Content-Type: message/rfc822\r\nContent-Description: Undelivered message\r\n", body: sevenBit)
        }
        guard case .success(let header) = HeaderSection.scan(content), isUTF8(content[..<header.bodyStart]) else { return nil }
        // Unlike message/rfc822, this type may be encoded (RFC 6532 §3.7).
        return DeliveryReportPart.encoded(content, type: "message/global", description: "Undelivered message")
    }

    private static func headerOnly(_ content: [UInt8]) -> DeliveryReportPart {
        var bytes: [UInt8] = []
        if case .success(let header) = HeaderSection.scan(content), let end = header.fields.last?.end { bytes = Array(content[..<end]) }
        let isGlobal = ByteScan.hasEightBit(bytes, in: bytes.indices) && isUTF8(bytes[...])
        return DeliveryReportPart.encoded(
            bytes, type: isGlobal ? "message/global-headers" : "text/rfc822-headers", description: "Header of the message")
    }

    private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
