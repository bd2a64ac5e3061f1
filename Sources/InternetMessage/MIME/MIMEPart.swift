/// One part of a message that has no parts of its own: a text, a picture, an attachment.
package struct MIMEPart: Hashable, Sendable {
    /// `text/html`, in lower case; `text/plain` where nothing is said.
    package var type: String
    /// As named, in lower case; empty where nothing is said.
    package var charset = ""
    /// The file's name, encoded words and RFC 2231 decoded, at most 200 characters; empty where there is none.
    package var name = ""
    package var isAttachment = false
    /// Has a Content-ID: other parts may show it.
    package var hasContentID = false
    package var encoding = TransferEncoding.identity
    /// Where its octets lie in the content, still encoded.
    package var body: Range<Int>
    /// 0: the message itself.
    package var depth: Int
}

/// RFC 2045 §6.
package enum TransferEncoding: Hashable, Sendable { case identity, base64, quotedPrintable }

/// What is wrong with the form of a message's parts. Readers make of it what they like, each something else.
package enum MIMEDefect: String, Hashable, Sendable, CaseIterable {
    /// A line in a header that is no field.
    case strangeHeaderLine = "a line in a header is no field"
    case unreadableType = "a Content-Type cannot be read"
    case unknownEncoding = "an encoding is unknown"
    case missingBoundary = "parts are announced without a boundary"
    /// The boundary stands nowhere, or more often than a message may have parts.
    case inseparable = "parts are announced and cannot be told apart"
    case missingEnd = "the last part is not closed"
    case tooDeep = "parts are nested too deep"
    case tooManyParts = "there are too many parts"
    case tooMuchHeader = "a header is too long"
}

package struct MIMELimits: Hashable, Sendable {
    /// Parts without parts of their own.
    package var partsMax: Int
    package var depthMax: Int
    /// Fields of one header.
    package var fieldsMax: Int
    /// False where a message inside of the message stays one part, as in reports, whose own words are all that is looked at.
    package var opensMessages: Bool

    package init(partsMax: Int, depthMax: Int, fieldsMax: Int, opensMessages: Bool = true) {
        (self.partsMax, self.depthMax, self.fieldsMax) = (partsMax, depthMax, fieldsMax)
        self.opensMessages = opensMessages
    }

    /// Ten times what real mail has.
    package static let standard = MIMELimits(partsMax: 2_000, depthMax: 20, fieldsMax: 1_000)
}
