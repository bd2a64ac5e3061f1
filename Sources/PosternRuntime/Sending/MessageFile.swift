import InternetMessage
package import MailModel

/// A message from a file, ready to be submitted.
package struct MessageFile: Sendable {
    /// Lines end in CRLF.
    package var content: [UInt8]
    /// The first address of the From field; nil where there is none that reads.
    package var from: EmailAddress?
    /// The addresses of To and Cc.
    package var recipients: [EmailAddress]

    package static let bytesMax = 268_435_456

    /// Reads a file as mail programs and archives keep it: lines end in LF, CRLF or both, and a line of an mbox may stand before.
    package init(path: String) throws {
        self.init(try AtomicFile.read(path, bytesMax: MessageFile.bytesMax))
    }

    init(_ bytes: [UInt8]) {
        content = MessageFile.withLineEnds(bytes)
        recipients = []
        guard case .success(let header) = HeaderSection.scan(content) else { return }
        func addresses(_ name: String) -> [EmailAddress] {
            header.fields.filter { $0.isNamed(name, in: content) }.flatMap { field in
                (try? AddressList.parse(content, in: field.value).get()) ?? []
            }
        }
        from = addresses("from").first
        var seen: Set<EmailAddress> = []
        recipients = (addresses("to") + addresses("cc")).filter { seen.insert($0).inserted }
    }

    /// Every LF that has no CR before it gets one; a line `From …` at the beginning is dropped.
    static func withLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        var start = 0
        if bytes.starts(with: Array("From ".utf8)), let end = bytes.firstIndex(of: 0x0A) { start = end + 1 }
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count + bytes.count / 32)
        for byte in bytes[start...] {
            if byte == 0x0A, content.last != 0x0D { content.append(0x0D) }
            content.append(byte)
        }
        if content.last != 0x0A { content += [0x0D, 0x0A] }
        return content
    }
}
